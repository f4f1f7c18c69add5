alter table orders alter column price set data type bigint
-- sin: no-type-change
