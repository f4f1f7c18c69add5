-- $1 ids uuid[], $2 attempts int[], $3 reason
update job j
   set dead_at = now(), reason = $3, handed = 0, again_at = null
  from unnest($1::uuid[], $2::int[]) as f (id, attempt)
 where j.id = f.id and j.attempt = f.attempt and j.again_at is not null and j.dead_at is null
