-- Ends tries whose work is done. All or nothing: what they lead to is written in the same transaction, for all of them together.
create function end_jobs(ids uuid[], attempts int[]) returns void language plpgsql as $$
declare
  ended int;
begin
  delete from job j using unnest(ids, attempts) as f (id, attempt)
   where j.id = f.id and j.attempt = f.attempt;
  get diagnostics ended = row_count;
  if ended <> cardinality(ids) then
    raise exception 'another worker has taken over one of % jobs', cardinality(ids) using errcode = 'ARG02';
  end if;
end $$;
