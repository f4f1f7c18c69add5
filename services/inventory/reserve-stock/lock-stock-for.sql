-- $1 product ids uuid[], $2 purchase ids uuid[] whose reservations are locked: the stock of these products, and of what is reserved for
-- these purchases; in the same order as lock-stock.sql
select product_id, on_hand, reserved
  from stock
 where product_id = any (array(
       select unnest($1::uuid[])
       union
       select unnest(product_ids) from reservation where purchase_id = any ($2::uuid[]) and state = 'reserved'))
 order by product_id
   for no key update
