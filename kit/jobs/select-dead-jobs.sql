-- $1 at most so many
select id, type, key, data, attempt, reason, dead_at from job where dead_at is not null order by dead_at limit $1
