-- no parameters
select (select count(*)::int from purchase) as purchases, (select count(*)::int from saga) as sagas,
       (select count(*)::int from log.outbox) as batches
