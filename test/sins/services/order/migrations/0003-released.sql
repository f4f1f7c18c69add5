create table orders_seen (id uuid primary key)
