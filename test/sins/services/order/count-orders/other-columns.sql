-- $1 id
-- sin: sql-row
select $1::uuid as id, now() as placed_at, count(*) as orders, 'placed' as status
