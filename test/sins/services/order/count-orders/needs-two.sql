-- $1 id, $2 since
-- sin: sql-parameters
select $1::uuid as id, now() as at, count(*) as orders, 'placed' as status where now() > $2::timestamptz
