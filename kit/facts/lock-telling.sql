-- $1 types text[] that this instance can tell: an older one leaves to a newer one what it does not know
select reader, projection, asking, types, facts, after_key as after, told
  from facts_telling
 where done_at is null and types <@ $1::text[]
 order by asked_at
 limit 1
   for no key update skip locked
