-- $1 issuer text, $2 subject text, $3 account id uuid, $4 now timestamptz
insert into identity (issuer, subject, account_id, linked_at) values ($1, $2, $3, $4)
