-- no parameters
select count(*)::int as orders from ended_order
