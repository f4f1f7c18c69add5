-- $1 topics text[], $2 texts text[]
insert into note (topic, text) select * from unnest($1::text[], $2::text[])
