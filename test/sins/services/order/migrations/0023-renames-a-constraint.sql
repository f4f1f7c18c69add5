alter table orders rename constraint orders_state to orders_status
-- sin: no-rename
