-- $1 older than so many seconds, $2 at most so many
select id, name, definition, status, step, created_at, updated_at, deadline
  from saga
 where ended_at is null and created_at <= now() - $1::float8 * interval '1 second'
 order by created_at
 limit $2
