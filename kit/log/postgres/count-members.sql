-- $1 hash of the group's name: sessions that hold its advisory lock
select count(*)::int as members
  from pg_locks
 where locktype = 'advisory' and objsubid = 2 and granted and classid::int8 = $1::int8
   and database = (select oid from pg_database where datname = current_database())
