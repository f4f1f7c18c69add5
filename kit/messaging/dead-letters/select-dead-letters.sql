-- $1 at most so many
select id, topic, partition, key, envelope, state, reason, parked_at from dead_letter order by id limit $1
