-- $1 group, $2 topics text[], $3 partitions smallint[]
-- Where a group begins that has no position: before the first row that (xid, seq), by which the last release reads, leaves open.
-- The snapshot is that of `read-rows.sql`.
with look as materialized (
       select pg_snapshot_xmin(s) || ':' || next || ':' || concat_ws(',',
              (select string_agg(xid::text, ',' order by xid) from pg_snapshot_xip(s) xid),
              (select string_agg(xid::text, ',' order by xid) from generate_series(above, next - 1) xid)) as snapshot
         from (select s, above, above + age(pg_snapshot_xmax(s)::xid) as next
                 from (select s, pg_snapshot_xmax(s)::text::bigint as above from pg_current_snapshot() s) last) ids)
select c.topic, c.partition, look.snapshot,
       coalesce((select min(o.seq) - 1
                   from outbox o
                  where o.topic = c.topic and o.partition = c.partition and (o.xid, o.seq) > (c.xid, c.seq)),
                (select max(o.seq) from outbox o where o.topic = c.topic and o.partition = c.partition),
                0) as seq
  from look, checkpoint c
 where c.reader_group = $1 and (c.topic, c.partition) in (select * from unnest($2::text[], $3::smallint[]))
