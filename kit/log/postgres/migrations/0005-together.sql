-- What all groups have had already is not written. So a group that joins later does not find all that there was, even where nothing
-- has been dropped: it is told the facts.
create function note_unwritten() returns void language sql security definer set search_path = log, pg_temp as $$
  update state set dropped_at = now() where dropped_at is null;
$$;
