-- $1 after id uuid, or null, $2 limit
-- why locked: see kit/facts/facts.ts
select id, email, first_name, last_name, active
  from account
 where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
 order by id
 limit $2::int
   for share
