-- $1 id of a dead job
delete from job where id = $1::uuid and dead_at is not null returning id
