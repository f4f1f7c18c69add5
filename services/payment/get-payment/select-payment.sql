-- $1 purchase id, $2 customer id
select purchase_id, customer_id, amount, currency_code, state, reason, created_at, updated_at,
       refunds.asked, refunds.issued
  from payment,
       lateral (select coalesce(sum(r.amount), 0)::bigint as asked,
                       coalesce(sum(r.amount) filter (where r.state = 'issued'), 0)::bigint as issued
                  from refund r
                 where r.purchase_id = payment.purchase_id) refunds
 where purchase_id = $1::uuid and customer_id = $2::uuid
