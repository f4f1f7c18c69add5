-- $1: the process id of the session that waits for a lock. Who keeps it waiting, and what it waits for.
select b.pid,
       coalesce(a.application_name, '') as application,
       extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds,
       (select coalesce(l.relation::regclass::text, l.locktype) from pg_locks l where l.pid = $1 and not l.granted limit 1) as what
  from unnest(pg_blocking_pids($1)) as b (pid)
  left join pg_stat_activity a on a.pid = b.pid
