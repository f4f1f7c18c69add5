-- $1 group, $2 topics text[], $3 partitions smallint[]: those whose checkpoint no other transaction has locked
select topic, partition
  from checkpoint
 where reader_group = $1 and (topic, partition) in (select * from unnest($2::text[], $3::smallint[]))
   for no key update skip locked
