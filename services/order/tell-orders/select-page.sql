-- $1 after purchase id uuid, or null, $2 limit
-- why locked: see kit/facts/facts.ts; in the same order as lock-rows.sql. What is nobody's was never placed: nobody is
-- told of it.
select o.purchase_id, o.customer_id, o.status, o.version, o.reason, o.payment_method, o.refunded, o.placed_at, o.updated_at,
       e.data as placed
  from orders o
  join order_event e on e.stream = o.purchase_id and e.type = 'order.order-placed.v1'
 where o.purchase_id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
   and o.customer_id is not null
 order by o.purchase_id
 limit $2::int
   for share of o
