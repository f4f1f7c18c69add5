-- $1 product ids uuid[]
select id, owner_id, name, price, currency_code
  from product
 where id = any ($1::uuid[])
   and removed_at is null
