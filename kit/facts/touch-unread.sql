-- $1 asked so many seconds ago at least
update facts_asking
   set sent_at = now()
 where read_at is null and sent_at < now() - $1::int * interval '1 second'
returning projection, owner, id
