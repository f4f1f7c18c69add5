alter table orders add column v int; alter table customers add column v int
-- sin: one-table
