-- $1 after xid8, $2 after seq
-- why: without the table's name the order would be that of the text, in which 1000 comes before 999.
select topic, xid::text as xid, seq, messages
  from log.outbox o
 where (o.xid, o.seq) > ($1::xid8, $2::bigint)
 order by o.xid, o.seq
