-- A saga may rest: it waits without a deadline for an answer that may take days. Nothing is done for it, so it is not among
-- the open ones that the sweep, the metrics and the lists look at: `ended_at` says since when it does nothing any more.
alter table saga
  drop constraint saga_status,
  add constraint saga_status check (
    status in ('asking', 'resting', 'undoing', 'settling', 'completed', 'refused', 'cancelled'));

create or replace function save_sagas(
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
         ended_at = case when d.status in ('completed', 'refused', 'cancelled', 'resting')
                         then case when s.status = d.status then s.ended_at else now() end end
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
