-- $1 authorization text, $2 key text, $3 reference text, $4 amount bigint, $5 currency text
-- Takes the next free slot, unless the key is used or more would go back than was captured. Of two at the same moment one finds
-- its slot taken and returns nothing, so that each has seen all before it.
insert into ledger (authorization_id, slot, kind, key, reference, amount, currency_code, card)
select $1::text, max(slot) + 1, 'refunded', $2::text, $3::text, $4::bigint, $5::text, max(card)
  from ledger
 where authorization_id = $1
having bool_or(kind = 'captured' and currency_code = $5 and reference = $3)
   and not bool_or(key = $2)
   and coalesce(sum(amount) filter (where kind = 'refunded'), 0) + $4::bigint
       <= sum(amount) filter (where kind = 'captured')
    on conflict (authorization_id, slot) do nothing
returning authorization_id, slot, kind, key, reference, amount, currency_code, card
