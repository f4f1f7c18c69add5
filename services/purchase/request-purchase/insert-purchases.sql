-- $1 ids uuid[], $2 customer ids uuid[], $3 created at timestamptz[], $4 idempotency keys text[], $5 request hashes bytea[]
insert into purchase (id, customer_id, created_at, idempotency_key, request_hash)
select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::bytea[])
