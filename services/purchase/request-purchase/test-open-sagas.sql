-- $1 how many int, $2 status text, $3 seconds ago float8: as if so many had been accepted then; one that rests has no deadline
insert into saga (id, name, data, status, step, state, deadline, created_at, ended_at)
select gen_random_uuid(), 'purchase', '{}', $2, 'reserve stock', '{}', now(), began, case when $2 = 'resting' then began end
  from (select now() - $3::float8 * interval '1 second' as began from generate_series(1, $1::int)) sagas
