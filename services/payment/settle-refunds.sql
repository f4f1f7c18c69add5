-- $1 refund ids uuid[], $2 now timestamptz
-- Returns all of them, those that were settled before as well: the same answer again.
update refund
   set state = 'issued', updated_at = case refund.state when 'issued' then refund.updated_at else $2::timestamptz end
  from payment p
 where refund.refund_id = any ($1::uuid[]) and p.purchase_id = refund.purchase_id
returning refund.refund_id, refund.purchase_id, refund.amount, p.customer_id, p.currency_code
