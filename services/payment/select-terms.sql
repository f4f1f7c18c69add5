-- $1 purchase id, $2 customer id or null
select amount, currency_code
  from payment
 where purchase_id = $1::uuid and customer_id is not null and ($2::uuid is null or customer_id = $2)
