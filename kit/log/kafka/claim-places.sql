-- $1 topics text[], $2 partitions smallint[]
-- why: an epoch is a time, so that it is higher than all before it even when the database was restored to an earlier one.
insert into log.checkpoint (reader_group, topic, partition, epoch)
select 'relay', topic, partition, (extract(epoch from clock_timestamp()) * 1000)::bigint
  from unnest($1::text[], $2::smallint[]) as p (topic, partition)
 order by topic, partition
    on conflict (reader_group, topic, partition)
       do update set epoch = greatest(checkpoint.epoch + 1, excluded.epoch)
returning topic, partition, position, epoch::text
