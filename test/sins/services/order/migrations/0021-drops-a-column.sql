alter table orders add column other text, drop column customer
-- sin: no-drop
