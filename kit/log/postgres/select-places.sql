-- no parameters: where there are rows
-- why: a step to the next place in each segment's index, whatever the number of rows.
with recursive place as (
  (select topic, partition from log.outbox order by topic, partition limit 1)
   union all
  select next.topic, next.partition
    from place p
   cross join lateral (select topic, partition from log.outbox o where (o.topic, o.partition) > (p.topic, p.partition)
                        order by topic, partition limit 1) next)
select topic, partition from place
