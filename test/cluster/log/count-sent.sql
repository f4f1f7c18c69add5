-- no parameters
select count(*)::int as sent from sent
