-- $1 id, $2 the category it is to have, or null: whether that exists
select id, category_id, owner_id, name, description, brand_name, price, currency_code, version, created_at, updated_at,
       $2::uuid is null or exists (select from category where category.id = $2::uuid) as category_exists
  from product
 where id = $1::uuid
   and removed_at is null
