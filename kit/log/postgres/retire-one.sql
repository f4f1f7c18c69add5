-- $1 name: how far it had read stays known
update log.reader_group set forgotten_at = now() where name = $1 and forgotten_at is null
