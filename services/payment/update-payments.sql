-- $1 purchase ids uuid[], $2 states text[], $3 authorizations text[], $4 owed text[], $5 reasons text[], $6 tries int[],
-- $7 now timestamptz; the rows are locked by lock-payments.sql
update payment
   set state = p.state, authorization_id = p.authorization_id, owed = p.owed, reason = p.reason, tries = p.tries,
       updated_at = $7::timestamptz
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
       as p (purchase_id, state, authorization_id, owed, reason, tries)
 where payment.purchase_id = p.purchase_id
