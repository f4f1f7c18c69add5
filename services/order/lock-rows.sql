-- $1 purchase ids uuid[]
-- why locked, in this order: advance-order, the routes and the timers decide on the same rows. Whoever comes second waits and
-- decides on what the first has made of it; without the lock it would meet the taken version and try its whole batch again.
select purchase_id, customer_id, status, version, reason, payment_method, refunded, placed_at, updated_at
  from orders
 where purchase_id = any ($1::uuid[])
 order by purchase_id
   for no key update
