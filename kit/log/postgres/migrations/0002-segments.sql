-- contract: `outbox` is made anew under its name; the release before this one reads and writes it as before
-- The log in three segments that take turns, so that what all have read is dropped by truncating one of them: the cost is
-- the same at any size. Columns and names that the last release uses stay.
create sequence outbox_position;
select setval('outbox_position', last_value, is_called) from outbox_seq_seq;
grant usage on sequence outbox_position to public;

alter table outbox rename to outbox_0;
alter table outbox_0
  drop constraint outbox_pkey,
  alter column seq drop identity,
  add column segment smallint not null default 0,
  add column size smallint not null default 1;

-- `xid` stands before `seq`, and defaults are made in this order: a number drawn before its transaction has an id could
-- be lower than one that a reader has passed, and the reader would not know the transaction to be one that it must await.
create table outbox (
  topic text not null,
  partition smallint not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('outbox_position'),
  at timestamptz not null default now(),
  -- A record batch: a JSON array of envelopes.
  messages json not null,
  segment smallint not null default 0,
  -- How many messages the batch has.
  size smallint not null default 1
) partition by list (segment);

alter table outbox attach partition outbox_0 for values in (0);
-- Rows of up to 8 kB stay in their page: no compression, no second table.
create table outbox_1 partition of outbox for values in (1) with (toast_tuple_target = 8160);
create table outbox_2 partition of outbox for values in (2) with (toast_tuple_target = 8160);
alter table outbox_1 alter column messages set storage external;
alter table outbox_2 alter column messages set storage external;

-- Readers go by the first. The second finds what a transaction has written that committed late; the last release reads by it.
create index outbox_seq on outbox (topic, partition, seq);
create index outbox_xid on outbox (topic, partition, xid, seq);

-- The last release deletes rows one by one, by an address that is no longer unique: it deletes none.
create function keep_row() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger keep_row before delete on outbox for each row execute function keep_row();

-- How far a group has read: `<number>@<snapshot>` says that all rows up to the number are done that the snapshot shows. What
-- a transaction of the snapshot's has written that ended later is not. `<number>+@…`: there was more than could be read.
alter table checkpoint add column position text not null default '';

-- Nobody writes at this moment, so no transaction can bring a row with a lower number: there are no gaps.
update checkpoint c
   set position = coalesce(
         (select min(o.seq) - 1 from outbox o
           where o.topic = c.topic and o.partition = c.partition and (o.xid, o.seq) > (c.xid, c.seq)),
         (select max(o.seq) from outbox o where o.topic = c.topic and o.partition = c.partition),
         0) || '@' || pg_snapshot_xmin(pg_current_snapshot()) || ':' || pg_snapshot_xmin(pg_current_snapshot()) || ':';

-- The last release moves (xid, seq) only; then the position is found anew from these.
create function forget_position() returns trigger language plpgsql as $$ begin new.position := ''; return new; end $$;
create trigger moved_by_the_last_release before update on checkpoint for each row
  when (new.position = old.position and (new.xid, new.seq) is distinct from (old.xid, old.seq))
  execute function forget_position();

-- Moves checkpoints by compare-and-set. For the last release (xid, seq) follow: all below the snapshot's oldest transaction is done.
create function move(of_group text, topics text[], partitions smallint[], froms text[], tos text[])
returns void language plpgsql as $$
declare
  moved int;
begin
  update log.checkpoint c
     set position = m.to_position,
         xid = case when m.done > c.xid then m.done else c.xid end,
         seq = case when m.done > c.xid then 0 else c.seq end
    from (select topic, partition, from_position, to_position,
                 case when to_position <> from_position and to_position not like '%+@%'
                      then pg_snapshot_xmin(split_part(to_position, '@', 2)::pg_snapshot) end as done
            from unnest(topics, partitions, froms, tos) as u (topic, partition, from_position, to_position)) m
   where c.reader_group = of_group and c.topic = m.topic and c.partition = m.partition and c.position = m.from_position;
  get diagnostics moved = row_count;
  if moved <> cardinality(topics) then
    raise exception 'another reader of group % has moved the checkpoint', of_group using errcode = 'ARG01';
  end if;
end $$;

-- Groups that the log is kept for. `topics` is null until a group has run for the first time: then all is kept for it.
create table reader_group (
  name text primary key,
  topics text[],
  registered_at timestamptz not null default now(),
  -- Nothing is kept for it any more, until it runs again.
  forgotten_at timestamptz
);

insert into reader_group (name, topics)
select reader_group, array_agg(distinct topic) from checkpoint group by reader_group;

-- One row: the server that the transaction ids are of, the segment that is written to, and when rows were last dropped.
create table state (
  one boolean primary key default true check (one),
  system_identifier bigint not null,
  segment smallint not null default 0,
  segment_since timestamptz not null default now(),
  dropped_at timestamptz,
  -- Rows up to this number came along from another server, whose transactions had other ids.
  base bigint not null default 0
);

-- A log that has had a retention already may have lost its beginning.
insert into state (system_identifier, dropped_at)
select system_identifier, case when exists (select from checkpoint) then now() end from pg_control_system();
