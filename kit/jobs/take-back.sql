-- $1 types text[]: what a broker was given before this database handed the jobs out itself
update job set publishes = 0, republish_at = null where republish_at is not null and dead_at is null and type = any ($1::text[])
