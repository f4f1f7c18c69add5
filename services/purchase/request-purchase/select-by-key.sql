-- $1 customer ids uuid[], $2 idempotency keys text[]: the purchases that they stand for, each under its number in the lists
-- why: the offset keeps the plan to one look-up per key, whatever the statistics say.
select wanted.n::int as n, known.id, known.created_at, known.request_hash
  from unnest($1::uuid[], $2::text[]) with ordinality as wanted (customer_id, key, n)
 cross join lateral (
       select id, created_at, request_hash
         from purchase
        where customer_id = wanted.customer_id and idempotency_key = wanted.key
       offset 0) known
