-- $1 topics text[], $2 groups that have handled what is for them text[], as in `insert-unless-had.sql`
select note_unwritten($1::text[], $2::text[])
