-- $1 group, $2 topics text[]
insert into missed (reader_group, topic) select $1, unnest($2::text[])
