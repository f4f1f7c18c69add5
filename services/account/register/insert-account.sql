-- $1 id uuid, $2 email text, $3 email key text, $4 password hash text, $5 first name text, $6 last name text, $7 address text,
-- $8 phone number text, $9 now timestamptz
insert into account (
  id, email, email_key, password_hash, first_name, last_name, address, phone_number, created_at, updated_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
returning id, email, first_name, last_name, address, phone_number, roles, active, created_at, updated_at
