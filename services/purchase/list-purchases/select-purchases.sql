-- $1 customer id uuid, $2 only before this id uuid (null: from the newest), $3 at most so many
-- why: ids are ordered by time, so that the index gives the newest first without a sort.
select p.created_at, s.updated_at, s.data, s.status, s.step, s.state -> 'failure' ->> 'reason' as reason
  from purchase p
  join saga s on s.id = p.id
 where p.customer_id = $1::uuid and p.id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
 order by p.id desc
 limit $3
