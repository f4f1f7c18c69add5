-- $1 account id uuid
select email, first_name
  from recipient
 where account_id = $1::uuid
