-- no parameters
select due_at from job where dead_at is null
