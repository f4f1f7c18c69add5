-- $1 ids uuid[], $2 attempts int[], $3 delays in ms int[] (null: dead), $4 reasons text[], $5 int[]: 1 for a try that has not begun
update job j
   set attempt = j.attempt - f.unbegun,
       due_at = now() + coalesce(f.delay, 0) * interval '1 ms',
       dead_at = case when f.delay is null then now() end,
       unfinished = 0, publishes = 0, republish_at = null,
       reason = f.reason
  from unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::int[]) as f (id, attempt, delay, reason, unbegun)
 where j.id = f.id and j.attempt = f.attempt and j.dead_at is null
