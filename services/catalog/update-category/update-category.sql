-- $1 id, $2 name, $3 description: null leaves each as it is; $4 now
-- Without a change it keeps its updated_at.
update category
   set name = coalesce($2::text, name),
       description = coalesce($3::text, description),
       updated_at = case when $2::text is null and $3::text is null then updated_at else $4::timestamptz end
 where id = $1::uuid
returning id, name, description, created_at, updated_at
