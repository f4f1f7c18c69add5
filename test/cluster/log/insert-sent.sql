-- $1 keys text[], $2 numbers int[]
insert into sent (key, n) select * from unnest($1::text[], $2::int[])
