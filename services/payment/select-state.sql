-- $1 purchase id uuid
select state from payment where purchase_id = $1::uuid
