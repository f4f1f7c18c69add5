-- $1 id
select $1::uuid as id, now() as at, count(*) as orders, 'placed' as status
