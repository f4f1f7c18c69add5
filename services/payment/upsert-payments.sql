-- $1 purchase ids uuid[], $2 states text[], $3 customer ids uuid[], $4 amounts bigint[], $5 currencies text[],
-- $6 card tokens text[], $7 authorizations text[], $8 owed text[], $9 reasons text[], $10 now timestamptz
insert into payment (purchase_id, state, customer_id, amount, currency_code, card_token, authorization_id, owed, reason,
                     created_at, updated_at)
select p.*, $10::timestamptz, $10::timestamptz
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) as p
    on conflict (purchase_id) do update
   set state = excluded.state, authorization_id = excluded.authorization_id, owed = excluded.owed, reason = excluded.reason,
       updated_at = excluded.updated_at
