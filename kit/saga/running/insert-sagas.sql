-- $1 name, $2 ids uuid[], $3 data json[], $4 statuses text[], $5 steps text[], $6 states json[], $7 entries json[],
-- $8 waits int[] (ms), $9 definition
insert into saga (id, name, data, status, step, state, deadline, definition, ended_at, history)
select id, $1, data, status, step, state, now() + wait * interval '1 millisecond', $9::int,
       case when status in ('completed', 'refused', 'cancelled', 'resting') then now() end, entry || e'\n'
  from unnest($2::uuid[], $3::json[], $4::text[], $5::text[], $6::json[], $7::json[], $8::int[])
    as d (id, data, status, step, state, entry, wait)
