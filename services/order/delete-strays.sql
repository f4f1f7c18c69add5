-- $1 after this purchase id, $2 up to this one or null for the end
delete from orders o
 where o.purchase_id > $1::uuid
   and ($2::uuid is null or o.purchase_id <= $2)
   and not exists (select from order_event e where e.stream = o.purchase_id)
