-- $1 product ids uuid[], $2 on hand bigint[], $3 reserved bigint[], $4 now timestamptz; the rows are locked by lock-stock.sql
update stock
   set on_hand = s.on_hand, reserved = s.reserved, updated_at = $4::timestamptz
  from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as s (product_id, on_hand, reserved)
 where stock.product_id = s.product_id
