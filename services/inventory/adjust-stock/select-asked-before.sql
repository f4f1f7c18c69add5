-- $1 product id, $2 request key
select delta, reason, account_id
  from movement
 where product_id = $1::uuid
   and request_key = $2
