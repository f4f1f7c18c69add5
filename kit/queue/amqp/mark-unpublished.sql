-- $1 ids uuid[], $2 attempts int[]: the broker may not have them, so they are given again with the next round
update job j
   set republish_at = now(), publishes = greatest(1, j.publishes - 1)
  from unnest($1::uuid[], $2::int[]) as f (id, attempt)
 where j.id = f.id and j.attempt = f.attempt and j.republish_at is not null
