-- no parameters
-- Makes a checkpoint at once: one that is spread would take minutes.
select pg_backup_start('argosy backup', fast => true) as start
