-- Work for later or outside a transaction. `due_at` is also the lease: a claimed job is due again when its worker is late.
create table job (
  id uuid primary key,
  type text not null,
  key text not null,
  data json not null,
  cause json,
  attempt int not null default 0,
  due_at timestamptz not null default now(),
  -- Set when the last try has failed: a dead letter.
  dead_at timestamptz,
  reason text,
  created_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000);

create index job_due on job (due_at) where dead_at is null;

-- Dedupe keys outlive their jobs.
create table job_dedupe (
  key text primary key,
  at timestamptz not null default now()
);
