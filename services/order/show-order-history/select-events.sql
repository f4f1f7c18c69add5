-- $1 purchase id, $2 customer id
select e.version, e.type, e.data, e.at
  from order_event e
  join orders o on o.purchase_id = e.stream
 where e.stream = $1::uuid and o.customer_id = $2::uuid
 order by e.version
