-- $1 id
select owner_id
  from category
 where id = $1::uuid
