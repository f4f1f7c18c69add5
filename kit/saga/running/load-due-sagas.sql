-- $1 name, $2 the shortest of all deadlines in ms, $3 at most so many, $4 definitions int[], $5 steps, settlements text[]
-- why: a saga younger than the shortest deadline cannot be due, so that a busy shop's open sagas are not read each
-- second. What only another release can finish is left out here, not afterwards: else it would fill the batch for ever.
select id, data, state, version, definition, deadline = '-infinity' as retry
  from saga
 where ended_at is null and name = $1 and deadline <= now()
   and definition = any ($4::int[]) and step = any ($5::text[])
   and created_at <= now() - $2::int * interval '1 millisecond'
 order by created_at
 limit $3
