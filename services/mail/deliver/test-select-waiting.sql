-- no parameters
select attempt, extract(epoch from due_at - now())::int as seconds, reason from job where dead_at is null
