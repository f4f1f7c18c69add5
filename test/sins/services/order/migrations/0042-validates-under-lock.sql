alter table orders add column v int; alter table orders validate constraint orders_note
-- sin: validate-alone
