-- $1 dedupe keys text[]
select id, account_id, email, first_name, letter, received_at
  from message
 where dedupe_key = any ($1::text[])
 order by id
