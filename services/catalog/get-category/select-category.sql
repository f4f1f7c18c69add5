-- $1 id
select id, name, description, created_at, updated_at
  from category
 where id = $1::uuid
