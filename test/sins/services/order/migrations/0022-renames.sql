alter table orders rename column customer to customer_id
-- sin: no-rename
