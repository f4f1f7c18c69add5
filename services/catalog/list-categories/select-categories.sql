-- $1 name of the last one seen or null, $2 its id, $3 how many
select id, name, description, created_at, updated_at
  from category
 where $1::text is null or (name collate "und-x-icu", id) > ($1::text, $2::uuid)
 order by name collate "und-x-icu", id
 limit $3::integer
