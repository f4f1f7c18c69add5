-- $1 topics text[], $2 partitions smallint[] (those the reader owns), $3 at most so many
select id, topic, partition, key, envelope, state, reason, parked_at
  from dead_letter
 where state = 'replay' and (topic, partition) in (select * from unnest($1::text[], $2::smallint[]))
 order by id
 limit $3
