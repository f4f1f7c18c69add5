-- $1 account id uuid
select id, email, first_name, active from account where id = $1 for no key update
