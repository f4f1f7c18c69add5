-- $1 topics text[], $2 ids text[]: those are returned that had another id before
-- Of these the relay begins anew, with the oldest row that is kept.
with given as (select * from unnest($1::text[], $2::text[]) as g (topic, id)),
     replaced as (select given.topic from given join log.broker_topic known using (topic) where known.id <> given.id),
     noted as (
       insert into log.broker_topic (topic, id) select topic, id from given
           on conflict (topic) do update set id = excluded.id where broker_topic.id <> excluded.id),
     begun as (
       update log.checkpoint set position = '', xid = '0', seq = 0
        where reader_group = 'relay' and topic in (select topic from replaced))
select topic, (select dropped_at from log.state) as dropped_at from replaced
