-- $1 authorizations text[], $2 kinds text[], $3 keys text[], $4 references text[], $5 amounts bigint[], $6 currencies text[],
-- $7 cards text[] (null: that of the authorization), $8 cards that nothing can be captured from text[]
-- Returns what was written. Whatever is missing had been done before, or cannot be done.
insert into ledger (authorization_id, slot, kind, key, reference, amount, currency_code, card)
select asked.authorization_id, rule.slot, asked.kind, asked.key, asked.reference, asked.amount, asked.currency_code,
       coalesce(asked.card, before.card)
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
       as asked (authorization_id, kind, key, reference, amount, currency_code, card)
  join (values ('authorized', 1::smallint, null), ('declined', 1, null),
               ('captured', 2, 'authorized'), ('voided', 2, 'authorized')) as rule (kind, slot, after) on rule.kind = asked.kind
  left join ledger before on before.authorization_id = asked.authorization_id and before.slot = rule.slot - 1
 where rule.after is null
    or (before.kind = rule.after and before.reference = asked.reference and before.amount = asked.amount and before.currency_code = asked.currency_code
        and not (asked.kind = 'captured' and before.card = any ($8::text[])))
    on conflict (authorization_id, slot) do nothing
returning authorization_id, slot, kind, key, reference, amount, currency_code, card
