-- no parameters: messages that each registered group has not read (of up to 10,000 rows a partition), and the oldest's age
select g.name as group, coalesce(sum(waiting.messages), 0)::int as messages,
       coalesce(max(extract(epoch from now() - waiting.oldest)), 0)::float8 as seconds
  from log.reader_group g
  left join log.checkpoint c on c.reader_group = g.name and c.topic = any (g.topics)
 cross join lateral (
       select case when c.position = '' then 0 else rtrim(split_part(c.position, '@', 1), '+')::bigint end as seq,
              case when c.position = '' then '1:1:' else split_part(c.position, '@', 2) end::pg_snapshot as snapshot) p
  left join lateral (
       select sum(size) as messages, min(at) as oldest
         from ((select o.size, o.at from log.outbox o
                 where o.topic = c.topic and o.partition = c.partition and o.seq > p.seq
                   and (c.position <> '' or (o.xid, o.seq) > (c.xid, c.seq))
                 order by o.seq
                 limit 10000)
                union all
               (select late.size, late.at
                  from pg_snapshot_xip(p.snapshot) as gap (xid)
                 cross join lateral (
                       select o.size, o.at, o.seq from log.outbox o
                        where o.topic = c.topic and o.partition = c.partition and o.xid = gap.xid
                       offset 0) late
                 where late.seq <= p.seq)) unread) waiting on true
 where g.forgotten_at is null
 group by g.name
 order by g.name
