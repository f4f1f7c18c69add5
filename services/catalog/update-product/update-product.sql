-- $1 id, $2 category id, $3 name, $4 description, $5 brand name, $6 price: null leaves each as it is;
-- $7 now, $8 the version it must have, or null
update product
   set category_id = coalesce($2::uuid, category_id),
       name = coalesce($3::text, name),
       description = coalesce($4::text, description),
       brand_name = coalesce($5::text, brand_name),
       price = coalesce($6::bigint, price),
       version = version + 1,
       updated_at = $7::timestamptz
 where id = $1::uuid
   and removed_at is null
   and ($8::integer is null or version = $8::integer)
returning id, category_id, owner_id, name, description, brand_name, price, currency_code, version, created_at, updated_at
