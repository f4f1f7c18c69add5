update orders set status = 'PAID' where status = 'SETTLED'
-- sin: no-rows
