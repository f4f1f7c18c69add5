-- $1 id, $2 the category it is to have, or null: whether that exists
select $2::uuid is null or exists (select from category where category.id = $2::uuid) as category_exists,
       -- include ../product-columns.sql
  from product
 where id = $1::uuid
   and removed_at is null
