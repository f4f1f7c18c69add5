-- $1 id uuid, $2 email text, $3 email key text, $4 first name text, $5 last name text, $6 now timestamptz
-- Without a password: nobody signs in with one until its owner sets it.
insert into account (
  id, email, email_key, first_name, last_name, address, phone_number, active, created_at, updated_at
)
values ($1, $2, $3, $4, $5, '', '', true, $6, $6)
