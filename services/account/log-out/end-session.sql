-- $1 session id uuid, $2 account id uuid, $3 now timestamptz
update session set ended_at = $3, ended_because = 'logout'
where id = $1 and account_id = $2 and ended_at is null
