-- $1 topics text[], $2 partitions smallint[], $3 numbers bigint[], $4 gaps text[] (each an xid8[]), $5 most rows per partition
-- why: nobody waits for older transactions. A row is read as soon as it is committed; the snapshot says which transactions
-- may still bring rows with lower numbers, and these are looked for by their ids the next time.
select s.snapshot::text as snapshot, o.*
  from (select pg_current_snapshot() as snapshot) s
  left join lateral (
       select c.topic, c.partition, b.seq, b.messages
         from unnest($1::text[], $2::smallint[], $3::bigint[], $4::text[]) as c (topic, partition, seq, gaps)
        cross join lateral (
              (select seq, messages
                 from outbox
                where topic = c.topic and partition = c.partition and seq > c.seq
                order by seq
                limit $5)
               union all
              (select seq, messages
                 from outbox
                where topic = c.topic and partition = c.partition and xid = any (c.gaps::xid8[]) and seq <= c.seq)) b) o on true
