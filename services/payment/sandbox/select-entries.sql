-- $1 authorizations text[]
select authorization_id, slot, kind, key, reference, amount, currency_code, card
  from ledger
 where authorization_id = any ($1::text[])
