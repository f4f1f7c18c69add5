-- $1 ids uuid[], $2 types text[], $3 keys text[], $4 data json[], $5 causes json[], $6 attempts int[] (1: leased to the
-- process that asks, at once), $7 run at timestamptz[] (null: now), $8 dedupe keys text[] (null: none), $9 lease in ms
-- returns the ids that were written
with asked as (
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::json[], $5::json[], $6::int[], $7::timestamptz[], $8::text[])
         as a (id, type, key, data, cause, attempt, run_at, dedupe)),
     fresh as (
       insert into job_dedupe (key) select dedupe from asked where dedupe is not null
           on conflict do nothing
       returning key)
insert into job (id, type, key, data, cause, attempt, unfinished, due_at)
select id, type, key, data, cause, attempt, attempt,
       case when attempt = 1 then now() + $9::int * interval '1 ms' else coalesce(run_at, now()) end
  from asked
 where dedupe is null or dedupe in (select key from fresh)
returning id
