-- no parameters
select count(*)::int as rows from log.outbox
