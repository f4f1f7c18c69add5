-- $1 account ids uuid[]
select account_id, email, first_name
  from recipient
 where account_id = any ($1::uuid[])
