-- $1 account id uuid, $2 now timestamptz
with used as (
  delete from verification where account_id = $1
)
update account set active = true, updated_at = $2
where id = $1
returning id, email, first_name, last_name, address, phone_number, roles, active, created_at, updated_at
