-- no parameters: sessions that hold an advisory lock of a group, by the hash of its name
select classid::int8::text as hash, count(*)::int as members
  from pg_locks
 where locktype = 'advisory' and objsubid = 2 and granted
   and database = (select oid from pg_database where datname = current_database())
 group by classid
