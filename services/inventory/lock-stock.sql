-- $1 product ids uuid[]
-- why in this order: two transactions that lock the same products meet at the lowest and one waits; neither deadlocks
select product_id, on_hand, reserved
  from stock
 where product_id = any ($1::uuid[])
 order by product_id
   for no key update
