create table stamp (id uuid primary key, price int)
-- sin: recorded
