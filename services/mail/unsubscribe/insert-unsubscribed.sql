-- $1 account id uuid, $2 since timestamptz
insert into unsubscribed (account_id, since) values ($1, $2) on conflict (account_id) do nothing
