-- $1 ids uuid[]
select id, version, status in ('completed', 'refused', 'cancelled') as ended, entries_of(id) as history
  from saga
 where id = any ($1::uuid[])
