-- $1 email key text
select exists (select from account where email_key = $1) as is_registered
