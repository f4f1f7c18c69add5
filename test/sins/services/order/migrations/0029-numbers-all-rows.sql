alter table orders add column number bigint generated always as identity
-- sin: no-rewrite
