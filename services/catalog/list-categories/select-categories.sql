-- $1 name of the last one seen or null, $2 its id, $3 how many
select id, name, description, created_at, updated_at
  from category
 where $1::text is null or (name, id) > ($1::text, $2::uuid)
 order by name, id
 limit $3::integer
