-- Whether a segment may go: it is old enough, and every group that is registered has read it. Looks at the ends of the
-- indexes only: the last row of each topic and partition, and what late transactions have written.
create function is_read(of_segment int, keep interval) returns boolean language plpgsql as $$
declare
  is_needed boolean;
begin
  execute format($q$
    with recursive place as (
      (select topic, partition from log.outbox_%1$s order by topic, partition limit 1)
       union all
      select next.topic, next.partition
        from place p
       cross join lateral (select topic, partition from log.outbox_%1$s o where (o.topic, o.partition) > (p.topic, p.partition)
                            order by topic, partition limit 1) next)
    select exists (
      select from place p
       cross join lateral (select seq, at from log.outbox_%1$s o where o.topic = p.topic and o.partition = p.partition
                            order by seq desc limit 1) newest
       where newest.at > now() - $1
          or exists (
             select from log.reader_group g
               left join log.checkpoint c on c.reader_group = g.name and c.topic = p.topic and c.partition = p.partition
              where g.forgotten_at is null
                and (g.topics is null or p.topic = any (g.topics))
                and case when c.position is null then true
                         when c.position = '' then exists (
                              select from log.outbox_%1$s o
                               where o.topic = p.topic and o.partition = p.partition and (o.xid, o.seq) > (c.xid, c.seq))
                         else rtrim(split_part(c.position, '@', 1), '+')::bigint < newest.seq
                           or exists (
                              select from pg_snapshot_xip(split_part(c.position, '@', 2)::pg_snapshot) as gap (xid)
                               cross join lateral (
                                     select seq from log.outbox_%1$s o
                                      where o.topic = p.topic and o.partition = p.partition and o.xid = gap.xid
                                     offset 0) late
                               where late.seq <= rtrim(split_part(c.position, '@', 1), '+')::bigint) end))
    $q$, of_segment) into is_needed using keep;
  return not is_needed;
end $$;

-- Empties segments that all have read and, when the present one is half as old as rows are kept, lets the next one have its
-- turn. Waits for nobody longer than 100 ms: what could not be done is done the next time. Returns the segments emptied.
create function turn_segments(keep interval) returns int[] language plpgsql security definer
set search_path = log, pg_temp set lock_timeout = '100ms' as $$
declare
  now_written smallint;
  since timestamptz;
  next smallint;
  is_used boolean;
  emptied int[] := '{}';
begin
  if not pg_try_advisory_xact_lock(hashtextextended('argosy log: turn segments', 0)) then return emptied; end if;
  select segment, segment_since into now_written, since from state;
  for candidate in 0 .. 2 loop
    continue when candidate = now_written;
    execute format('select exists (select from outbox_%s)', candidate) into is_used;
    if is_used and is_read(candidate, keep) then
      execute format('truncate outbox_%s', candidate);
      emptied := emptied || candidate;
    end if;
  end loop;
  -- The turn is for the next look: whoever has emptied a segment holds a lock that readers want who hold the one of the whole.
  if emptied <> '{}' then
    update state set dropped_at = now();
    return emptied;
  end if;
  next := (now_written + 1) % 3;
  execute format('select exists (select from outbox_%s) or not exists (select from outbox_%s)', next, now_written) into is_used;
  if since < now() - keep / 2 and not is_used then
    execute format('alter table outbox alter column segment set default %s', next);
    update state set segment = next, segment_since = now();
  end if;
  return emptied;
end $$;

-- Transaction ids and numbers are of one server. On another one (restored from a dump, replicated logically) they begin anew:
-- then the numbers are drawn from behind all that is known, and rows that were written here meanwhile are numbered again.
-- Returns how many rows that were; null when the server is the one that was known.
create function settle_identity() returns bigint language plpgsql security definer set search_path = log, pg_temp as $$
declare
  here bigint := (select system_identifier from pg_control_system());
  highest bigint;
  drawn bigint;
  numbered bigint;
begin
  if (select system_identifier = here from state) then return null; end if;
  -- What came along does not change any more, so it is looked through while others write.
  select greatest(coalesce(max(rtrim(split_part(position, '@', 1), '+')::bigint), 0),
                  (select coalesce(max(seq), 0) from outbox)) into highest from checkpoint where position <> '';
  lock table outbox in exclusive mode;
  if (select system_identifier = here from state for update) then return null; end if;
  select last_value into drawn from outbox_position;
  perform setval('outbox_position', greatest(highest, drawn));
  -- A row's own transaction is what has written it here, unless it was brought from elsewhere.
  with late as (
         select tableoid, ctid, row_number() over (order by seq) as n
           from outbox
          where drawn < highest and mod(xid::text::numeric, 4294967296) = xmin::text::numeric),
       renumbered as (
         update outbox o set seq = greatest(highest, drawn) + late.n
           from late where o.tableoid = late.tableoid and o.ctid = late.ctid
         returning o.seq)
  select count(*), setval('outbox_position', greatest(highest, drawn) + count(*)) into numbered from renumbered;
  update state set system_identifier = here, base = greatest(highest, drawn);
  return numbered;
end $$;
