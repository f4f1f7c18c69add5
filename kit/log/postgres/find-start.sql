-- $1 group, $2 topics text[], $3 partitions smallint[]
-- Where a group begins that has no position: before the first row that (xid, seq), by which the last release reads, leaves open.
select c.topic, c.partition, pg_current_snapshot()::text as snapshot,
       coalesce((select min(o.seq) - 1
                   from outbox o
                  where o.topic = c.topic and o.partition = c.partition and (o.xid, o.seq) > (c.xid, c.seq)),
                (select max(o.seq) from outbox o where o.topic = c.topic and o.partition = c.partition),
                0) as seq
  from checkpoint c
 where c.reader_group = $1 and (c.topic, c.partition) in (select * from unnest($2::text[], $3::smallint[]))
