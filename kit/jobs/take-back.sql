-- $1 types text[]: what a broker was given before this database handed the jobs out itself
update job set handed = 0, again_at = null where again_at is not null and dead_at is null and type = any ($1::text[])
