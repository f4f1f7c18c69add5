create table envelope (id uuid primary key)
-- sin: recorded
