-- $1 purchase ids uuid[], $2 customer ids uuid[], $3 statuses text[], $4 versions int[], $5 reasons text[],
-- $6 payment methods text[], $7 refunded bigint[], $8 placed at timestamptz[], $9 updated at timestamptz[]
update orders o
   set customer_id = n.customer_id, status = n.status, version = n.version, reason = n.reason,
       payment_method = n.payment_method, refunded = n.refunded, placed_at = n.placed_at, updated_at = n.updated_at
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::bigint[],
                     $8::timestamptz[], $9::timestamptz[])
    as n (purchase_id, customer_id, status, version, reason, payment_method, refunded, placed_at, updated_at)
 where o.purchase_id = n.purchase_id
