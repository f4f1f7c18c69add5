-- no parameters
-- A slot keeps the write-ahead log that the copy needs. A temporary one ends with its session, however that ends.
select pg_create_physical_replication_slot('argosy_backup_' || pg_backend_pid(), immediately_reserve => true, temporary => true)
