-- $1 account id uuid, $2 now timestamptz
-- An account's next sign-in clears away what is left of its old ones.
delete from session s
where s.account_id = $1
  and not exists (select from refresh_token t where t.session_id = s.id and t.expires_at > $2)
