-- $1 topics text[], $2 partitions smallint[], $3 numbers bigint[], $4 gaps text[] (each an xid8[]), $5 floors bigint[],
-- $6 most rows per partition
-- why: nobody waits for older transactions. A row is read as soon as it is committed; the snapshot says which transactions
-- may still bring rows with lower numbers, and these are looked for by their ids the next time. PostgreSQL's own list ends below
-- the last id that has been committed: ids from there to the next one that is given out belong to transactions under way, too.
-- One look-up for each id: asked for all ids at once, or by number, PostgreSQL read all that is kept (20 ms behind 40,000 rows).
with look as materialized (
       select pg_snapshot_xmin(s) || ':' || next || ':' || concat_ws(',',
              (select string_agg(xid::text, ',' order by xid) from pg_snapshot_xip(s) xid),
              (select string_agg(xid::text, ',' order by xid) from generate_series(above, next - 1) xid)) as snapshot,
              (select base from state) as base
         from (select s, above, above + age(pg_snapshot_xmax(s)::xid) as next
                 from (select s, pg_snapshot_xmax(s)::text::bigint as above from pg_current_snapshot() s) last) ids)
select look.snapshot, look.base, o.*
  from look
  left join lateral (
       select c.topic, c.partition, b.seq, b.messages
         from unnest($1::text[], $2::smallint[], $3::bigint[], $4::text[], $5::bigint[]) as c (topic, partition, seq, gaps, floor)
        cross join lateral (
              (select seq, messages
                 from outbox
                where topic = c.topic and partition = c.partition and seq > c.seq
                order by seq
                limit $6)
               union all
              (select late.seq, late.messages
                 from unnest(c.gaps::xid8[]) as gap (xid)
                cross join lateral (
                      select seq, messages
                        from outbox
                       where topic = c.topic and partition = c.partition and xid = gap.xid
                      offset 0) late
                where late.seq <= c.seq and late.seq > c.floor)) b) o on true
