-- $1 customer id, $2 before this purchase id or null, $3 at most so many
select purchase_id, customer_id, amount, currency_code, state, reason, created_at, updated_at,
       refunds.asked, refunds.issued
  from payment,
       lateral (select coalesce(sum(r.amount), 0)::bigint as asked,
                       coalesce(sum(r.amount) filter (where r.state = 'issued'), 0)::bigint as issued
                  from refund r
                 where r.purchase_id = payment.purchase_id) refunds
 where customer_id = $1::uuid
   and ($2::uuid is null or purchase_id < $2)
 order by purchase_id desc
 limit $3::int
