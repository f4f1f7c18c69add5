-- $1 types text[], $2 in ms
-- returns the ms until the next job is due, negative when it has become due within $2; null when there is none
-- why not those that are late: they were not taken because somebody has locked them, who may take long.
select (extract(epoch from min(due_at) - now()) * 1000)::float8 as ms
  from job
 where dead_at is null and republish_at is null and due_at > now() - $2::int * interval '1 ms' and type = any ($1::text[])
