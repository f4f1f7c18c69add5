-- no parameters: how long the oldest unread row of each group has waited, and how many rows wait (counted up to 10,000)
select c.reader_group, coalesce(max(extract(epoch from now() - oldest.at)), 0)::float8 as seconds, sum(waiting.rows)::int as rows
  from log.checkpoint c
  left join lateral (
       select o.at from log.outbox o
        where o.topic = c.topic and o.partition = c.partition and (o.xid, o.seq) > (c.xid, c.seq)
        order by o.xid, o.seq limit 1) oldest on true
 cross join lateral (
       select count(*) as rows from (
              select 1 from log.outbox o
               where o.topic = c.topic and o.partition = c.partition and (o.xid, o.seq) > (c.xid, c.seq)
               limit 10000) some_rows) waiting
 group by c.reader_group
