-- moved from messaging/migrations-log/0001-log.sql
-- One row per topic, partition and transaction: a record batch of envelopes. Positions are (xid, seq): a reader that stays
-- below the oldest running transaction and follows that order never passes a row that commits late.
create table outbox (
  topic text not null,
  partition smallint not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null generated always as identity,
  at timestamptz not null default now(),
  messages json not null,
  primary key (topic, partition, xid, seq)
) with (
  -- Rows of up to 8 kB stay in their page: no compression, no second table.
  toast_tuple_target = 8160,
  autovacuum_vacuum_scale_factor = 0.2
);

alter table outbox alter column messages set storage external;

-- How far a reader group has come. Moved in the transaction of the effects, by compare-and-set.
create table checkpoint (
  reader_group text not null,
  topic text not null,
  partition smallint not null,
  xid xid8 not null default '0',
  seq bigint not null default 0,
  primary key (reader_group, topic, partition)
) with (fillfactor = 30);

create function advance(
  of_group text, topics text[], partitions smallint[], from_xids xid8[], from_seqs bigint[], to_xids xid8[], to_seqs bigint[]
) returns void language plpgsql as $$
declare
  moved int;
begin
  update log.checkpoint c
     set xid = m.to_xid, seq = m.to_seq
    from unnest(topics, partitions, from_xids, from_seqs, to_xids, to_seqs)
      as m (topic, partition, from_xid, from_seq, to_xid, to_seq)
   where c.reader_group = of_group and c.topic = m.topic and c.partition = m.partition
     and c.xid = m.from_xid and c.seq = m.from_seq;
  get diagnostics moved = row_count;
  if moved <> cardinality(topics) then
    raise exception 'another reader of group % has moved the checkpoint', of_group using errcode = 'ARG01';
  end if;
end $$;
