-- $1 refund ids uuid[], $2 purchase ids uuid[], $3 amounts bigint[], $4 now timestamptz
insert into refund (refund_id, purchase_id, amount, state, created_at, updated_at)
select r.*, 'pending', $4::timestamptz, $4::timestamptz
  from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as r
