-- $1 types text[], $2 at most so many, $3 in how long they are given again unless the broker confirms them, in ms
-- returns them in the order in which they are due
with fresh as (
       select id from job
        where dead_at is null and republish_at is null and due_at <= now() and type = any ($1::text[])
        order by due_at
        limit $2
          for update skip locked),
     lost as (
       -- why the time is looked at: a process of the release before gives jobs up to a minute ahead, for the broker to keep.
       select id from job
        where dead_at is null and republish_at <= now() and due_at <= now() and type = any ($1::text[])
        order by republish_at
        limit $2
          for update skip locked),
     given as (
       update job j
          set attempt = j.attempt + (j.republish_at is null)::int,
              publishes = j.publishes + 1,
              republish_at = now() + least($3::int * 2 ^ least(j.publishes, 20), 3600000) * interval '1 ms'
         from (select id from fresh union all select id from lost) as claimed
        where j.id = claimed.id
       returning j.id, j.type, j.attempt, j.due_at)
select id, type, attempt from given order by due_at, id
