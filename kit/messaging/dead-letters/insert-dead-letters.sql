-- $1 topics text[], $2 partitions smallint[], $3 keys text[], $4 envelopes json[], $5 states text[], $6 reasons text[]
insert into dead_letter (topic, partition, key, envelope, state, reason)
select * from unnest($1::text[], $2::smallint[], $3::text[], $4::json[], $5::text[], $6::text[])
