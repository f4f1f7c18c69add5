-- $1: a schema, $2: roles that may read and write all of its tables. What grants them those that they may not.
-- Rights on a partition are those on its table.
select format('grant select, insert, update, delete on %s to %I', c.oid::regclass, r.rolname) as "grant"
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 cross join pg_roles r
 where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
   and r.rolname = any($2::text[])
   and not (has_table_privilege(r.oid, c.oid, 'select') and has_table_privilege(r.oid, c.oid, 'insert')
            and has_table_privilege(r.oid, c.oid, 'update') and has_table_privilege(r.oid, c.oid, 'delete'))
