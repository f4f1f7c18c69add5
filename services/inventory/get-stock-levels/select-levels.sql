-- $1 product ids uuid[]
select product_id, on_hand, on_hand - reserved as available
  from stock
 where product_id = any ($1::uuid[])
