-- $1 account id uuid
select id, email, first_name, last_name, address, phone_number, roles, active, created_at, updated_at
from account
where id = $1
