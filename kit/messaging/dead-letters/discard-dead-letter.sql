-- $1 id of a dead letter: dropped; all others of its key are tried again
with dropped as (delete from dead_letter where id = $1::bigint returning id, topic, key),
     freed as (
       update dead_letter d set state = 'replay'
         from dropped
        where d.topic = dropped.topic and d.key = dropped.key and d.id <> dropped.id
       returning d.id)
select id from dropped union all select id from freed
