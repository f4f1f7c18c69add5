-- contract: because
drop table orders
-- sin: needless-reason
