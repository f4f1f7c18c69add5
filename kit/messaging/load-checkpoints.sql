-- $1 group, $2 topics text[], $3 partitions smallint[]
with wanted as (select * from unnest($2::text[], $3::smallint[]) as w (topic, partition)),
     created as (
       insert into log.checkpoint (reader_group, topic, partition)
       select $1, topic, partition from wanted
           on conflict do nothing
       returning topic, partition, xid, seq)
select topic, partition, xid::text as xid, seq from created
 union all
select c.topic, c.partition, c.xid::text as xid, c.seq
  from log.checkpoint c join wanted using (topic, partition)
 where c.reader_group = $1
