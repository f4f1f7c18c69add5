-- no parameters
select count(*)::int as rows from outbox
