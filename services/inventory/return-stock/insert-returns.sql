-- $1 refund ids uuid[], $2 purchase ids uuid[], $3 product ids text[], each a list, $4 quantities text[], each a list,
-- $5 now timestamptz
insert into stock_return (refund_id, purchase_id, product_ids, quantities, at)
select refund_id, purchase_id, product_ids::uuid[], quantities::integer[], $5::timestamptz
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as r (refund_id, purchase_id, product_ids, quantities)
