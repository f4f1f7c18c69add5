-- $1 topics text[], $2 partitions smallint[], $3 messages json[]
insert into log.outbox (topic, partition, messages)
select * from unnest($1::text[], $2::smallint[], $3::json[])
