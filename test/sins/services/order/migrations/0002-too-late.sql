create table visit (id uuid primary key)
-- sin: append-only
