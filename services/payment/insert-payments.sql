-- $1 purchase ids uuid[], $2 states text[], $3 customer ids uuid[], $4 amounts bigint[], $5 currencies text[],
-- $6 card tokens text[], $7 owed text[], $8 tries int[], $9 now timestamptz
insert into payment (purchase_id, state, customer_id, amount, currency_code, card_token, owed, tries, created_at, updated_at)
select p.*, $9::timestamptz, $9::timestamptz
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[]) as p
