-- $1 the roles of the services text[]
select current_setting('server_version_num')::int as version,
       clock_timestamp() as now,
       current_setting('fsync') = 'on' as syncs,
       current_setting('full_page_writes') = 'on' as writes_full_pages,
       current_setting('synchronous_commit') as synchronous_commit,
       current_setting('synchronous_standby_names') as standby_names,
       (select rolsuper or rolcreaterole from pg_roles where rolname = session_user) as may_create_roles,
       array(select name from unnest($1::text[]) as name where name not in (select rolname from pg_roles)) as missing_roles,
       session_user as user
