-- $1 product ids uuid[], $2 kinds text[], $3 deltas bigint[], $4 on hand after bigint[], $5 reasons text[],
-- $6 account ids uuid[], $7 request keys text[], $8 purchase ids text[], each a list or null, $9 now timestamptz
insert into movement (product_id, kind, delta, on_hand, reason, account_id, request_key, purchase_ids, at)
select product_id, kind, delta, on_hand, reason, account_id, request_key, purchase_ids::uuid[], $9::timestamptz
  from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::uuid[], $7::text[], $8::text[])
       as m (product_id, kind, delta, on_hand, reason, account_id, request_key, purchase_ids)
