-- $1 kept for so many seconds, $2 at most so many rows
-- Deletes what every group has passed (or no group reads) and is old enough.
delete from log.outbox
 where ctid = any (array(
       select o.ctid
         from log.outbox o
        where o.at < now() - $1::int * interval '1 second'
          and not exists (
              select 1 from log.checkpoint c
               where c.topic = o.topic and c.partition = o.partition and (c.xid, c.seq) < (o.xid, o.seq))
        limit $2))
returning seq
