-- $1 types text[], $2 how far ahead in ms, $3 at most so many, $4 how long after its time a job is given again unless the broker
-- confirms it, in ms
-- returns the ms until each is due, negative when it is late
with fresh as (
       select id, due_at from job
        where dead_at is null and republish_at is null and due_at <= now() + $2::int * interval '1 ms' and type = any ($1::text[])
        order by due_at
        limit $3
          for update skip locked),
     lost as (
       select id, due_at from job
        where dead_at is null and republish_at <= now() and type = any ($1::text[])
        order by republish_at
        limit $3
          for update skip locked)
update job j
   set attempt = j.attempt + (j.republish_at is null)::int,
       publishes = j.publishes + 1,
       republish_at = greatest(j.due_at, now()) + least($4::int * 2 ^ least(j.publishes, 20), 3600000) * interval '1 ms'
  from (select * from fresh union all select * from lost) as claimed
 where j.id = claimed.id
returning j.id, j.type, j.attempt, (extract(epoch from j.due_at - now()) * 1000)::float8 as wait
