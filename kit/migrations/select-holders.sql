-- $1: the key of an advisory lock. The sessions that hold it in this database.
select a.pid,
       coalesce(a.application_name, '') as application,
       extract(epoch from clock_timestamp() - a.backend_start)::float8 as seconds
  from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory' and l.classid = 0 and l.objid = $1::int8::oid and l.objsubid = 1 and l.granted
   and l.database = (select oid from pg_database where datname = current_database())
