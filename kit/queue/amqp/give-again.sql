-- $1 types text[]
update job set again_at = now() where again_at > now() and dead_at is null and type = any ($1::text[])
