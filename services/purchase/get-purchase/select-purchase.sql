-- $1 id uuid, $2 customer id uuid
select p.created_at, s.updated_at, s.data, s.status, s.step, s.state -> 'failure' ->> 'reason' as reason
  from purchase p
  join saga s on s.id = p.id
 where p.id = $1::uuid and p.customer_id = $2::uuid
