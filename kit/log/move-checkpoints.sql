-- $1 group, $2 topics text[], $3 partitions smallint[], $4 from positions text[], $5 to positions text[]
select move($1::text, $2::text[], $3::smallint[], $4::text[], $5::text[])
