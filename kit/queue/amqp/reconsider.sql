-- $1 ids uuid[], $2 attempts int[], $3 dead with so many unfinished tries, $4 reason
-- What was only near a job that kills its process has few unfinished tries of its own, and is given to the broker again.
update job j
   set unfinished = j.unfinished + 1, publishes = 0, reason = $4::text,
       dead_at = case when j.unfinished >= $3::int then now() end,
       republish_at = case when j.unfinished < $3::int then now() end
  from unnest($1::uuid[], $2::int[]) as f (id, attempt)
 where j.id = f.id and j.attempt = f.attempt and j.republish_at is not null and j.dead_at is null
returning j.id, j.dead_at is not null as dead
