-- $1 id uuid
select id, account_id, email, first_name, letter, received_at
  from message
 where id = $1::uuid
