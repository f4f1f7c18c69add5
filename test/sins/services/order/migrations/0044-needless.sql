-- contract: nobody knows why this was thought to be needed
alter table orders add column w int
-- sin: needless-reason
