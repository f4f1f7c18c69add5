-- $1 customer id uuid, $2 idempotency key text
select id, created_at, request_hash
  from purchase
 where customer_id = $1::uuid and idempotency_key = $2
