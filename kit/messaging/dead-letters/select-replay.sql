-- $1 topics text[], $2 partitions smallint[] (those the reader owns), $3 at most so many
-- A letter whose key has an earlier one that is not to be tried is left where it is.
select id, topic, partition, key, envelope, state, reason, parked_at
  from dead_letter d
 where state = 'replay' and (topic, partition) in (select * from unnest($1::text[], $2::smallint[]))
   and not exists (
       select 1 from dead_letter head
        where head.topic = d.topic and head.key = d.key and head.id < d.id and head.state <> 'replay')
 order by id
 limit $3
