-- $1 ids uuid[], $2 attempts int[], $3 in ms: not to be given to the broker again while somebody is at it
update job j
   set republish_at = greatest(j.republish_at, now() + $3::int * interval '1 ms')
  from unnest($1::uuid[], $2::int[]) as held (id, attempt)
 where j.id = held.id and j.attempt = held.attempt and j.republish_at is not null and j.dead_at is null
