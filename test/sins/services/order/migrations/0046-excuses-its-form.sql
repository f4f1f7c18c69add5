-- contract: the table is not used any more by the last release
drop table orders; commit
-- sin: own-transaction
