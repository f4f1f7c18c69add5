drop table if exists orders_of_today
-- sin: no-drop
