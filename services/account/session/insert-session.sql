-- $1 session id uuid, $2 account id uuid, $3 seed bytea, $4 hash of the first refresh token bytea, $5 now timestamptz, $6 its
-- expiry timestamptz
with opened as (
  insert into session (id, account_id, seed, created_at) values ($1, $2, $3, $5) returning id
)
insert into refresh_token (hash, session_id, issued_at, expires_at)
select $4::bytea, id, $5::timestamptz, $6::timestamptz from opened
