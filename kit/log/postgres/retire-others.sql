-- $1 names text[]: of those that stay
update log.reader_group set forgotten_at = now() where name <> all ($1::text[]) and forgotten_at is null
