-- $1 types text[], $2 at most so many, $3 lease in ms, $4 more unfinished tries are counted only when they were made alone,
-- $5 ids uuid[] that the asking process holds: theirs may have run out while the database was away, and their tries go on
update job j
   set attempt = j.attempt + 1,
       unfinished = greatest(j.unfinished, least(j.unfinished + 1, $4::int)),
       due_at = now() + $3::int * interval '1 ms'
  from (select id from job
         where dead_at is null and republish_at is null and due_at <= now() and type = any ($1::text[]) and id <> all ($5::uuid[])
         order by due_at
         limit $2
           for update skip locked) as due
 where j.id = due.id
returning j.id, j.type, j.key, j.data, j.cause, j.attempt, j.unfinished
