-- $1 purchase ids uuid[]
select purchase_id, customer_id, status, version, reason, placed_at, updated_at
  from orders
 where purchase_id = any ($1::uuid[])
