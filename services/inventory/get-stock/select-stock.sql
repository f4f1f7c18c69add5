-- $1 product id
select on_hand, reserved, updated_at
  from stock
 where product_id = $1::uuid
