-- no parameters
select count(*) filter (where dead_at is null)::int as alive, count(*) filter (where dead_at is not null)::int as dead from job
