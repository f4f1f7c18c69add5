-- outside a transaction
create index concurrently job_dead on job (dead_at) where dead_at is not null
