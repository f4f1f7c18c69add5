-- $1 id of a dead letter: it and all of its key
update dead_letter d set state = 'replay'
  from dead_letter one
 where one.id = $1::bigint and d.topic = one.topic and d.key = one.key
returning d.id
