-- $1 after id uuid, or null, $2 limit
-- why locked: see kit/facts/facts.ts
select
       -- include ../product-columns.sql
  from product
 where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
   and removed_at is null
 order by id
 limit $2::int
   for share
