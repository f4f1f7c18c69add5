-- $1 ids bigint[], $2 states text[], $3 reasons text[]
update dead_letter d set state = p.state, reason = p.reason, parked_at = now()
  from unnest($1::bigint[], $2::text[], $3::text[]) as p (id, state, reason)
 where d.id = p.id
