-- $1 group, $2 member, $3 keys text[], $4 numbers int[]
insert into seen (reader_group, member, key, n) select $1, $2, key, n from unnest($3::text[], $4::int[]) as u (key, n)
