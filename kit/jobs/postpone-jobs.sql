-- $1 ids uuid[], $2 attempts int[], $3 delays in ms int[] (null: dead), $4 reasons text[]
update job j
   set due_at = now() + coalesce(f.delay, 0) * interval '1 ms',
       dead_at = case when f.delay is null then now() end,
       reason = f.reason
  from unnest($1::uuid[], $2::int[], $3::int[], $4::text[]) as f (id, attempt, delay, reason)
 where j.id = f.id and j.attempt = f.attempt
