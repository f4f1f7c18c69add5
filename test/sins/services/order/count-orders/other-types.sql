-- $1 id
-- sin: sql-row
select $1::uuid as id, now()::text as at, count(*) as orders, 'placed' as status, '{}'::jsonb as details
