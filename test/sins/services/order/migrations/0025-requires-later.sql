alter table "orders" alter column note set not null
-- sin: no-required-column
