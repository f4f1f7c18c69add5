-- $1 names text[]
-- why: a group that was forgotten stays so until it runs again; that is for `join-group.sql`.
insert into log.reader_group (name) select unnest($1::text[]) on conflict do nothing
