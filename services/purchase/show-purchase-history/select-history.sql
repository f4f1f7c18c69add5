-- $1 id uuid, $2 customer id uuid
select entries_of(s.id) as history
  from purchase p
  join saga s on s.id = p.id
 where p.id = $1::uuid and p.customer_id = $2::uuid
