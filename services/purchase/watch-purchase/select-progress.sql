-- $1 id uuid, $2 customer id uuid
-- The history only of one that has ended: that of others is read once for all who watch.
select s.version, s.status in ('completed', 'refused', 'cancelled') as ended,
       case when s.status in ('completed', 'refused', 'cancelled') then entries_of(s.id) end as history
  from purchase p
  join saga s on s.id = p.id
 where p.id = $1::uuid and p.customer_id = $2::uuid
