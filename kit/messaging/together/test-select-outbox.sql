-- no parameters
select messages from outbox order by seq
