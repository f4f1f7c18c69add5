-- $1 types text[]
update job set republish_at = now() where republish_at > now() and dead_at is null and type = any ($1::text[])
