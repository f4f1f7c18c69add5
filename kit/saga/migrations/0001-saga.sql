-- One row per process under way or ended. Every reply updates its row, so updates must stay in their page (HOT): room is
-- left in the pages, nothing that changes is indexed but `ended_at`, and up to 8 kB stay out of TOAST.
create table saga (
  id uuid primary key,
  name text not null,
  created_at timestamptz not null default now(),
  data json not null,
  version int not null default 1,
  status text not null constraint saga_status check (
    status in ('asking', 'undoing', 'settling', 'completed', 'refused', 'cancelled')),
  step text not null,
  state json not null,
  deadline timestamptz not null,
  updated_at timestamptz not null default now(),
  ended_at timestamptz
) with (fillfactor = 40, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.1);

alter table saga
  alter column data set storage external,
  alter column state set storage external;

-- What happened, one JSON array of lines per write. A table of its own: as a growing column of the saga it was copied by
-- every update, and made two thirds of the bytes that a purchase wrote to the write-ahead log.
create table saga_history (
  saga_id uuid not null,
  version int not null,
  entry json not null,
  primary key (saga_id, version)
);

-- The whole history: one entry per line of text, oldest first.
create function history_of(saga uuid) returns text language sql stable
return (select string_agg(entry::text || e'\n', '' order by version) from saga_history where saga_id = saga);

-- For the sweep, the metrics and the list of what is stuck. The deadline is not in it: it changes with every reply.
create index saga_open on saga (created_at) where ended_at is null;

-- Writes a batch of sagas. Fails with a serialization failure, which is tried again, when one has changed since it was read.
create function save_sagas(
  ids uuid[], versions int[], statuses text[], steps text[], states json[], entries json[], waits int[]
) returns void language plpgsql as $$
declare
  saved int;
begin
  update saga s
     set version = s.version + 1,
         status = d.status,
         step = d.step,
         state = d.state,
         deadline = coalesce(now() + d.wait * interval '1 millisecond', s.deadline),
         updated_at = now(),
         ended_at = case when d.status in ('completed', 'refused', 'cancelled') then coalesce(s.ended_at, now()) end
    from unnest(ids, versions, statuses, steps, states, waits)
      as d (id, version, status, step, state, wait)
   where s.id = d.id and s.version = d.version;
  get diagnostics saved = row_count;
  if saved <> cardinality(ids) then
    raise exception 'a saga has changed since it was read' using errcode = '40001';
  end if;
  insert into saga_history (saga_id, version, entry)
  select id, version + 1, entry from unnest(ids, versions, entries) as d (id, version, entry);
end $$;
