-- $1 purchase id, $2 customer id
select o.purchase_id, o.status, o.reason, o.payment_method, o.refunded, o.placed_at, o.updated_at, e.data as placed
  from orders o
  join order_event e on e.stream = o.purchase_id and e.version = 1
 where o.purchase_id = $1::uuid and o.customer_id = $2::uuid
