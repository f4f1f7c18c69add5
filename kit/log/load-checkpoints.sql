-- $1 group, $2 topics text[], $3 partitions smallint[]
-- why: only what is not there is inserted. `on conflict` alone would wait for a transaction that moves the row, which may not end.
with wanted as (select * from unnest($2::text[], $3::smallint[]) as w (topic, partition)),
     known as (
       select c.topic, c.partition, c.position
         from checkpoint c join wanted using (topic, partition)
        where c.reader_group = $1),
     created as (
       insert into checkpoint (reader_group, topic, partition)
       select $1, topic, partition
         from wanted
        where not exists (select from known where known.topic = wanted.topic and known.partition = wanted.partition)
           on conflict do nothing
       returning topic, partition, position)
select topic, partition, position from created
 union all
select topic, partition, position from known
