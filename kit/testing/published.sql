-- $1 after number
select topic, seq, messages from outbox where seq > $1::bigint order by seq
