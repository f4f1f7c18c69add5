-- The history moves into the row of its saga, in a short form. As a growing column it is copied by each update, but a saga is
-- written once per transaction, and all that a purchase has to tell takes some 300 bytes. Measured with purchases of two
-- lines in four transactions, per purchase, against a row per write: 2,330 bytes on the disk instead of 2,860, 2,130 of
-- write-ahead log instead of 2,790, and 52 us of PostgreSQL's time instead of 63; in eight transactions 2,480, 4,130 and 92
-- instead of 3,630, 4,430 and 105.
--
-- saga_history keeps what was written there, the first entry of each saga that the last release begins, and what has
-- become too long for the row. Its entries come before those in the row.
alter table saga add column history text;

-- The whole history: one entry per line of text, oldest first. An entry is an array of lines [ms since 1970, what, step,
-- detail], or the same in short: numbers are ms since the line before, the first since 1970; strings are lines, "a place
-- order" or "e <tab> completed": a letter for what has happened, the step unless it is that of the line before, the detail.
create or replace function history_of(saga uuid) returns text language sql stable
return (
  select string_agg(
           case when json_typeof(entry -> 0) = 'array' then entry::text
           else (
             select json_agg(case when detail is null then json_build_array(at, what, step)
                                  else json_build_array(at, what, step, detail) end order by n)::text
               from (
                 select n, at, what, detail, coalesce(first_value(step) over (partition by steps order by n), '') as step
                   from (
                     select n, detail, step, sum(ms) over (order by n) as at, count(step) over (order by n) as steps,
                            case code when 'a' then 'asked' when 'd' then 'done' when 'r' then 'refused'
                                      when 'w' then 'resting' when 'c' then 'called-off' when 't' then 'timed-out'
                                      when 'u' then 'undo-asked' when 'v' then 'undone' when 'i' then 'ignored'
                                      when 'y' then 'retried' when 'e' then 'ended' else code end as what
                       from (
                         select n, case when json_typeof(part) = 'number' then (part #>> '{}')::bigint else 0 end as ms,
                                case when json_typeof(part) = 'string' then left(part #>> '{}', 1) end as code,
                                case when json_typeof(part) = 'string' and split_part(part #>> '{}', e'\t', 1) like '_ %'
                                     then substr(split_part(part #>> '{}', e'\t', 1), 3) end as step,
                                substring(part #>> '{}' from e'\t(.*)$') as detail
                           from json_array_elements(entry) with ordinality as parts (part, n)) parsed) summed) lines
              where what is not null)
           end || e'\n', '' order by place, nth)
    from (
      select 1 as place, version as nth, entry from saga_history where saga_id = saga
      union all
      select 2, nth, line::json
        from saga s, unnest(string_to_array(rtrim(s.history, e'\n'), e'\n')) with ordinality as written (line, nth)
       where s.id = saga) entries);

-- The same as it is stored, which costs a twentieth. This release spells it out itself.
create function entries_of(saga uuid) returns text language sql stable
return (
  select coalesce((select string_agg(entry::text || e'\n', '' order by version) from saga_history where saga_id = saga), '')
         || coalesce(s.history, '')
    from saga s
   where s.id = saga);

create or replace function save_sagas(
  ids uuid[], versions int[], statuses text[], steps text[], states json[], entries json[], waits int[]
) returns void language plpgsql as $$
declare
  saved int;
  long uuid[];
begin
  with written as (
    update saga s
       set version = s.version + 1,
           status = d.status,
           step = d.step,
           state = d.state,
           deadline = coalesce(now() + d.wait * interval '1 millisecond', s.deadline),
           updated_at = now(),
           ended_at = case when d.status in ('completed', 'refused', 'cancelled', 'resting')
                           -- Not the time at which the transaction began: what has led to the end may be a part of it.
                           then case when s.status = d.status then s.ended_at else clock_timestamp() end end,
           history = coalesce(s.history, '') || d.entry || e'\n'
      from unnest(ids, versions, statuses, steps, states, entries, waits)
        as d (id, version, status, step, state, entry, wait)
     where s.id = d.id and s.version = d.version
    returning s.id, octet_length(s.history) as length)
  select count(*), array_agg(id) filter (where length > 1000) into saved, long from written;
  if saved <> cardinality(ids) then
    raise exception 'a saga has changed since it was read' using errcode = '40001';
  end if;
  if long is not null then
    -- One that is asked again and again. Each entry was a version at least, so that theirs are free.
    insert into saga_history (saga_id, version, entry)
    select s.id, s.version - count(*) over (partition by s.id) + nth, line::json
      from saga s, unnest(string_to_array(rtrim(s.history, e'\n'), e'\n')) with ordinality as written (line, nth)
     where s.id = any (long);
    update saga set history = null where id = any (long);
  end if;
end $$;
