-- $1 purchase id, $2 customer id
select purchase_id, customer_id, amount, currency_code, state, reason, created_at, updated_at,
       (select coalesce(sum(r.amount), 0)::bigint from refund r where r.purchase_id = payment.purchase_id) as returned
  from payment
 where purchase_id = $1::uuid and customer_id = $2::uuid
