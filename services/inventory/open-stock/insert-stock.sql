-- $1 product id, $2 quantity, $3 now; asked again, it changes nothing
with opened as (
  insert into stock (product_id, on_hand, updated_at)
  values ($1::uuid, $2::bigint, $3::timestamptz)
      on conflict (product_id) do nothing
  returning product_id, on_hand
)
insert into movement (product_id, kind, delta, on_hand, at)
select product_id, 'opened', on_hand, on_hand, $3::timestamptz
  from opened
