-- $1 streams uuid[]
select stream, version, type, data, at
  from order_event
 where stream = any ($1::uuid[])
 order by stream, version
