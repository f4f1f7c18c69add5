-- $1 purchase ids uuid[], $2 states text[], $3 now timestamptz; the rows are locked by lock-reservations.sql
update reservation
   set state = r.state, settled_at = $3::timestamptz
  from unnest($1::uuid[], $2::text[]) as r (purchase_id, state)
 where reservation.purchase_id = r.purchase_id
