-- $1 id uuid
update saga
   set deadline = '-infinity', version = version + 1
 where id = $1::uuid and ended_at is null
returning id
