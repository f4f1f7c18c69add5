do $$ begin execute 'drop table orders'; end $$
-- sin: readable
