-- $1 purchase id uuid
select id, account_id, email, first_name, letter, received_at
  from message
 where (letter ->> 'purchase_id')::uuid = $1::uuid
 order by id
