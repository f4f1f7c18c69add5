-- $1 purchase ids uuid[]
select refund_id, purchase_id, product_ids, quantities
  from stock_return
 where purchase_id = any ($1::uuid[])
