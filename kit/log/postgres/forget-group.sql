-- $1 name
with gone as (delete from log.checkpoint where reader_group = $1)
update log.reader_group set forgotten_at = now() where name = $1 and forgotten_at is null returning name
