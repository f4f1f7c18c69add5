-- $1 after xid8, $2 after seq
select topic, xid::text as xid, seq, messages
  from log.outbox
 where (xid, seq) > ($1::xid8, $2::bigint)
 order by xid, seq
