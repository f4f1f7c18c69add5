-- $1 name, $2 definitions int[], $3 steps and settlements text[]
select status, count(*)::int as sagas, extract(epoch from now() - min(created_at))::float8 as seconds,
       (count(*) filter (where definition <> all ($2::int[]) or step <> all ($3::text[])))::int as foreign_sagas
  from saga
 where ended_at is null and name = $1
 group by status
