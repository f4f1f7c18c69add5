-- $1 account id uuid
select sent_at from verification where account_id = $1
