-- no parameters
select coalesce(max(extract(epoch from clock_timestamp() - a.xact_start)), 0)::float8 as seconds
  from pg_locks l join pg_stat_activity a using (pid)
 where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.relation = 'log.outbox'::regclass
   and l.database = (select oid from pg_database where datname = current_database())
