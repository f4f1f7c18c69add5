-- $1 names text[]
insert into ended (name) select * from unnest($1::text[])
