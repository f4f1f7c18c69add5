-- $1 purchase ids uuid[]; their payments are locked by lock-payments.sql
select refund_id, purchase_id, amount, state
  from refund
 where purchase_id = any ($1::uuid[])
