-- $1 seconds by which every row becomes older
update log.outbox set at = at - $1::int * interval '1 second'
