-- $1 purchase ids uuid[]
-- In the order of ids: commands and outcomes of the same payments meet here, and must not deadlock.
select purchase_id, state, customer_id, amount, currency_code, card_token, authorization_id, owed, reason, tries
  from payment
 where purchase_id = any ($1::uuid[])
 order by purchase_id
   for no key update
