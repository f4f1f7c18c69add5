-- $1 after product id uuid, or null, $2 limit
-- why locked: see kit/facts/facts.ts; in the same order as lock-stock.sql, so that neither waits for the other in turn
select product_id, on_hand, reserved
  from stock
 where product_id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
 order by product_id
 limit $2::int
   for share
