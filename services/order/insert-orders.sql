-- $1 purchase ids uuid[], $2 customer ids uuid[], $3 statuses text[], $4 versions int[], $5 reasons text[],
-- $6 placed at timestamptz[], $7 updated at timestamptz[]
insert into orders (purchase_id, customer_id, status, version, reason, placed_at, updated_at)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[])
