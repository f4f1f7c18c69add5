-- $1 ids uuid[], $2 attempts int[], $3 lease in ms
update job j
   set due_at = now() + $3::int * interval '1 ms'
  from unnest($1::uuid[], $2::int[]) as held (id, attempt)
 where j.id = held.id and j.attempt = held.attempt and j.dead_at is null
