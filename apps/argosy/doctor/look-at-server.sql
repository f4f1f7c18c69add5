-- $1 the roles of the services text[], $2 their schemas text[]
select current_setting('server_version_num')::int as version,
       clock_timestamp() as now,
       current_setting('fsync') = 'on' as syncs,
       current_setting('full_page_writes') = 'on' as writes_full_pages,
       current_setting('synchronous_commit') as synchronous_commit,
       current_setting('synchronous_standby_names') as standby_names,
       (select rolsuper or rolcreaterole from pg_roles where rolname = session_user) as may_create_roles,
       has_database_privilege(session_user, current_database(), 'create') as may_create_schemas,
       array(select name from unnest($1::text[]) as name where name not in (select rolname from pg_roles)) as missing_roles,
       -- Whoever may create roles could until version 15 act as any of them, and from then on only as those that he has made.
       array(select rolname::text from pg_roles where rolname = any($1) and not pg_has_role(session_user, oid,
             case when current_setting('server_version_num')::int < 160000 then 'MEMBER' else 'SET' end)) as closed_roles,
       array(select name from unnest($2::text[]) as name where name not in (select nspname from pg_namespace)) as missing_schemas,
       current_database() as database,
       session_user as user
