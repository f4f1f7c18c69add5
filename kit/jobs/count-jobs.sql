-- $1 at most so many are counted of each kind
-- why the parts: each reads an index, and jobs that are due much later (timers of open orders) are not looked at.
select type,
       count(*) filter (where kind = 'waiting')::int as waiting,
       count(*) filter (where kind = 'retrying')::int as retrying,
       count(*) filter (where kind = 'dead')::int as dead,
       coalesce(extract(epoch from now() - min(due_at) filter (where kind = 'waiting')), 0)::float8 as seconds
  from ((select type, due_at, 'waiting' as kind from job
          where dead_at is null and republish_at is null and due_at <= now() order by due_at limit $1)
        union all
        (select type, due_at, case when due_at <= now() then 'waiting' else 'retrying' end from job
          where dead_at is null and republish_at is not null order by republish_at limit $1)
        union all
        (select type, due_at, 'retrying' from job
          where dead_at is null and republish_at is null and due_at > now() and due_at <= now() + interval '1 hour'
            and reason is not null order by due_at limit $1)
        union all
        (select type, due_at, 'dead' from job where dead_at is not null order by dead_at limit $1)) as counted
 group by type
