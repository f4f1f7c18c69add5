-- $1 purchase ids uuid[], $2 customer ids uuid[], $3 statuses text[], $4 versions int[], $5 reasons text[],
-- $6 placed at timestamptz[], $7 updated at timestamptz[]
update orders o
   set customer_id = n.customer_id, status = n.status, version = n.version,
       reason = n.reason, placed_at = n.placed_at, updated_at = n.updated_at
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[])
    as n (purchase_id, customer_id, status, version, reason, placed_at, updated_at)
 where o.purchase_id = n.purchase_id
