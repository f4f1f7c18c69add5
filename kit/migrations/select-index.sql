-- $1: a schema, $2: an index of it. Whether it can be used; no row when there is none.
select i.indisvalid as valid
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = $1 and c.relname = $2
