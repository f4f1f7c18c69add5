-- no parameters
-- Of the shop's own connections, and only such as have written: whatever else the server does holds nothing up.
select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 as seconds
  from pg_stat_activity
 where datname = current_database() and application_name like 'argosy %' and backend_xid is not null
