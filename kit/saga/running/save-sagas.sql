-- $1 ids uuid[], $2 versions int[], $3 statuses text[], $4 steps text[], $5 states json[], $6 entries json[], $7 waits int[]
-- (ms, null: as it was)
select save_sagas($1::uuid[], $2::int[], $3::text[], $4::text[], $5::json[], $6::json[], $7::int[])
