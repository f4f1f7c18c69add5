-- $1 email key text, $2 role text
update account
set roles = case when $2 = any (roles) then roles else roles || $2::text end
where email_key = $1
returning id as account_id, email, roles
