-- $1 purchase id, $2 customer id
select purchase_id, customer_id, amount, currency_code, state, reason, created_at, updated_at
  from payment
 where purchase_id = $1::uuid and customer_id = $2::uuid
