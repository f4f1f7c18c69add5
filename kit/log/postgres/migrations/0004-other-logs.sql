-- Where the log is Kafka, the outbox is what its relay reads, and the other groups' positions are of another form.

-- The topics as the brokers made them: one with another id is empty, whatever its name.
create table broker_topic (
  topic text primary key,
  id text not null
);

-- The relay's right to write a partition: whoever claims it has a higher one, and what is written under a lower one after that
-- is passed over by all who read.
alter table checkpoint add column epoch bigint not null default 0;

-- Moves checkpoints by compare-and-set. For the last release (xid, seq) follow: all below the snapshot's oldest transaction is done.
create or replace function move(of_group text, topics text[], partitions smallint[], froms text[], tos text[])
returns void language plpgsql as $$
declare
  moved int;
begin
  update log.checkpoint c
     set position = m.to_position,
         xid = case when m.done > c.xid then m.done else c.xid end,
         seq = case when m.done > c.xid then 0 else c.seq end
    from (select topic, partition, from_position, to_position,
                 case when to_position <> from_position and to_position ~ '^\d+@\d+:'
                      then pg_snapshot_xmin(split_part(to_position, '@', 2)::pg_snapshot) end as done
            from unnest(topics, partitions, froms, tos) as u (topic, partition, from_position, to_position)) m
   where c.reader_group = of_group and c.topic = m.topic and c.partition = m.partition and c.position = m.from_position;
  get diagnostics moved = row_count;
  if moved <> cardinality(topics) then
    raise exception 'another reader of group % has moved the checkpoint', of_group using errcode = 'ARG01';
  end if;
end $$;
