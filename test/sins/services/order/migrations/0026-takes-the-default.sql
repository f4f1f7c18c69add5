alter table orders alter note drop default
-- sin: no-required-column
