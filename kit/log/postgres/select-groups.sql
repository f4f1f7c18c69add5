-- no parameters
select name, topics, registered_at, forgotten_at from log.reader_group order by name
