-- $1 hash of the token bytea, $2 hash of its successor bytea, $3 now timestamptz, $4 the successor's expiry timestamptz
with spent as (
  update refresh_token set rotated_at = $3 where hash = $1 returning session_id
)
insert into refresh_token (hash, session_id, issued_at, expires_at)
select $2::bytea, session_id, $3::timestamptz, $4::timestamptz from spent
