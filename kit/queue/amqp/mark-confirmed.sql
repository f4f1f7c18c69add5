-- $1 ids uuid[], $2 attempts int[], $3 in how long a job that the broker has is given again, in ms
update job j
   set republish_at = greatest(j.republish_at, now() + least($3::int * 2 ^ least(j.publishes - 1, 20), 3600000) * interval '1 ms')
  from unnest($1::uuid[], $2::int[]) as f (id, attempt)
 where j.id = f.id and j.attempt = f.attempt and j.republish_at is not null and j.dead_at is null
