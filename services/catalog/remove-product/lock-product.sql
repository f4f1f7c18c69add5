-- $1 id
select owner_id
  from product
 where id = $1::uuid
   and removed_at is null
   for no key update
