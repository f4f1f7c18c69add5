create table orders (id uuid primary key, customer uuid)
-- sin: append-only
