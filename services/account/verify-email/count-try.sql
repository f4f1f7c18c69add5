-- $1 account id uuid
update verification set tries = tries + 1 where account_id = $1
