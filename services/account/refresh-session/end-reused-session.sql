-- $1 session id uuid, $2 now timestamptz
update session set ended_at = $2, ended_because = 'reuse' where id = $1 and ended_at is null
