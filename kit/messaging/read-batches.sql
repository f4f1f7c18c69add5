-- $1 topics text[], $2 partitions smallint[], $3 xids xid8[], $4 seqs bigint[], $5 most rows per partition
-- why: a row is safe to pass only when every transaction that could still commit before it has ended.
select b.topic, b.partition, b.xid::text as xid, b.seq, b.messages,
       b.xid < pg_snapshot_xmin(pg_current_snapshot()) as settled
  from unnest($1::text[], $2::smallint[], $3::xid8[], $4::bigint[]) as c (topic, partition, xid, seq)
 cross join lateral (
       select o.topic, o.partition, o.xid, o.seq, o.messages
         from log.outbox o
        where o.topic = c.topic and o.partition = c.partition and (o.xid, o.seq) > (c.xid, c.seq)
        order by o.xid, o.seq
        limit $5) b
