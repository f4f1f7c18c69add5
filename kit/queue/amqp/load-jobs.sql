-- $1 ids uuid[], $2 attempts int[]: of messages; what has ended or is not with the broker any more is not returned
select j.id, j.type, j.key, j.data, j.cause, j.attempt, j.unfinished
  from unnest($1::uuid[], $2::int[]) as m (id, attempt)
  join job j on j.id = m.id and j.attempt = m.attempt
 where j.republish_at is not null and j.dead_at is null
