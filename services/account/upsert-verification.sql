-- $1 account id uuid, $2 code id uuid, $3 hash of the code bytea, $4 now timestamptz, $5 expiry timestamptz
insert into verification (account_id, code_id, code_hash, sent_at, expires_at)
values ($1, $2, $3, $4, $5)
on conflict (account_id) do update
set code_id = excluded.code_id,
    code_hash = excluded.code_hash,
    tries = 0,
    sent_at = excluded.sent_at,
    expires_at = excluded.expires_at
