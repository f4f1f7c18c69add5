-- $1 customer id, $2 status or null for any, $3 before this purchase id or null, $4 at most so many
select o.purchase_id, o.status, o.reason, o.payment_method, o.refunded, o.placed_at, o.updated_at, e.data as placed
  from orders o
  join order_event e on e.stream = o.purchase_id and e.version = 1
 where o.customer_id = $1::uuid
   and ($2::text is null or o.status = $2)
   and ($3::uuid is null or o.purchase_id < $3)
 order by o.purchase_id desc
 limit $4::int
