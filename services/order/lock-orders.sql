-- $1 purchase ids uuid[]
select purchase_id
  from orders
 where purchase_id = any ($1::uuid[])
 order by purchase_id
   for no key update
