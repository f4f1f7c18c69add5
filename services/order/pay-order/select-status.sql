-- $1 purchase id, $2 customer id
select status from orders where purchase_id = $1::uuid and customer_id = $2::uuid
