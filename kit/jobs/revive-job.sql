-- $1 id of a dead job
update job
   set dead_at = null, attempt = 0, unfinished = 0, publishes = 0, republish_at = null, due_at = now()
 where id = $1::uuid and dead_at is not null
returning id
