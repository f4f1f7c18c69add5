-- $1 email key text
select id, email, password_hash, first_name, last_name, address, phone_number, roles, active, created_at, updated_at
from account
where email_key = $1
