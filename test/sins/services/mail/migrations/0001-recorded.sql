create table letter (id uuid primary key)
