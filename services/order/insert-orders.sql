-- $1 purchase ids uuid[], $2 customer ids uuid[], $3 statuses text[], $4 versions int[], $5 reasons text[],
-- $6 payment methods text[], $7 refunded bigint[], $8 placed at timestamptz[], $9 updated at timestamptz[]
insert into orders
       (purchase_id, customer_id, status, version, reason, payment_method, refunded, placed_at, updated_at)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::bigint[],
                     $8::timestamptz[], $9::timestamptz[])
