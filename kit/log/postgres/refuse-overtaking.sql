-- $1 groups text[], $2 topics text[], $3 partitions smallint[], $4 positions text[], $5 keys jsonb[] (arrays of texts),
-- $6 types text[] (with commas; null: any); fails with ARG03 when a group has an earlier message of one of the keys to read
select refuse_overtaking($1::text[], $2::text[], $3::smallint[], $4::text[], $5::jsonb[], $6::text[])
