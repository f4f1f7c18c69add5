-- $1 id
select id
  from category
 where id = $1::uuid
