-- $1 name
select status, count(*)::int as sagas, extract(epoch from now() - min(created_at))::float8 as seconds
  from saga
 where ended_at is null and name = $1
 group by status
