-- $1 topics text[], $2 partitions smallint[]: those are returned that no transaction has locked that does not end
-- why: an epoch is a time, so that it is higher than all before it even when the database was restored to an earlier one.
with wanted as (select * from unnest($1::text[], $2::smallint[]) as w (topic, partition)),
     begun as (
       insert into log.checkpoint (reader_group, topic, partition, epoch)
       select 'relay', topic, partition, (extract(epoch from clock_timestamp()) * 1000)::bigint from wanted
           on conflict do nothing
       returning topic, partition, position, epoch),
     free as (
       select ctid from log.checkpoint
        where reader_group = 'relay' and (topic, partition) in (select topic, partition from wanted)
          for no key update skip locked),
     claimed as (
       update log.checkpoint c
          set epoch = greatest(c.epoch + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
         from free where c.ctid = free.ctid
       returning c.topic, c.partition, c.position, c.epoch)
select topic, partition, position, epoch::text from begun
 union all
select topic, partition, position, epoch::text from claimed
