-- $1 account id uuid, $2 hash that was read text, $3 new hash text
update account set password_hash = $3 where id = $1 and password_hash = $2
