-- $1 authorizations text[], $2 slots smallint[], $3 kinds text[], $4 keys text[], $5 references text[], $6 amounts bigint[],
-- $7 currencies text[], $8 cards text[] (null: that of the authorization), $9 kinds that the slot before must have text[]
-- (null: none), $10 cards that nothing can be captured from text[]
-- Returns what was written. Whatever is missing had been done before, or cannot be done.
insert into ledger (authorization_id, slot, kind, key, reference, amount, currency_code, card)
select asked.authorization_id, asked.slot, asked.kind, asked.key, asked.reference, asked.amount, asked.currency_code,
       coalesce(asked.card, before.card)
  from unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[])
       as asked (authorization_id, slot, kind, key, reference, amount, currency_code, card, after)
  left join ledger before on before.authorization_id = asked.authorization_id and before.slot = asked.slot - 1
 where asked.after is null
    or (before.kind = asked.after and before.amount = asked.amount and before.currency_code = asked.currency_code
        and not (asked.kind = 'captured' and before.card = any ($10::text[])))
    on conflict (authorization_id, slot) do nothing
returning authorization_id, slot, kind, key, amount, currency_code, card
