create table half (id int); commit; create table other_half (id int)
-- sin: own-transaction
