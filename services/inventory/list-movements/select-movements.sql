-- $1 product id, $2 id of the last one seen bigint or null, $3 how many
select id, kind, delta, on_hand, reason, cardinality(purchase_ids) as purchases, at
  from movement
 where product_id = $1::uuid
   and ($2::bigint is null or id < $2::bigint)
 order by id desc
 limit $3::integer
