-- $1 topics text[], $2 partitions smallint[], $3 messages json[], $4 sizes smallint[]
insert into outbox (topic, partition, messages, size)
select * from unnest($1::text[], $2::smallint[], $3::json[], $4::smallint[])
