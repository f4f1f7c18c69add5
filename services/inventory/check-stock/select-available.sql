-- $1 product id
select on_hand - reserved as available
  from stock
 where product_id = $1::uuid
