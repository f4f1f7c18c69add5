-- $1 name, $2 the shortest of all deadlines in ms, $3 at most so many
-- why: a saga younger than the shortest deadline cannot be due, so that a busy shop's open sagas are not read each second.
select id, data, state, version, deadline = '-infinity' as retry
  from saga
 where ended_at is null and name = $1 and deadline <= now()
   and created_at <= now() - $2::int * interval '1 millisecond'
 order by created_at
 limit $3
