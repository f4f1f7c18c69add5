-- $1 group, $2 topics text[], $3 partitions smallint[]
with wanted as (select * from unnest($2::text[], $3::smallint[]) as w (topic, partition)),
     created as (
       insert into checkpoint (reader_group, topic, partition)
       select $1, topic, partition from wanted
           on conflict do nothing
       returning topic, partition, position)
select topic, partition, position from created
 union all
select c.topic, c.partition, c.position
  from checkpoint c join wanted using (topic, partition)
 where c.reader_group = $1
