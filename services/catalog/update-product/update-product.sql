-- $1 id, $2 the changes: an object of columns, of which the absent ones stay;
-- $3 now, $4 the version it must have, or null
update product
   set (category_id, name, description, brand_name, price) = (
         select coalesce(changed.category_id, product.category_id),
                coalesce(changed.name, product.name),
                coalesce(changed.description, product.description),
                coalesce(changed.brand_name, product.brand_name),
                coalesce(changed.price, product.price)
           from jsonb_to_record($2::jsonb)
                as changed (category_id uuid, name text, description text, brand_name text, price bigint)
       ),
       version = version + 1,
       updated_at = $3::timestamptz
 where id = $1::uuid
   and removed_at is null
   and ($4::integer is null or version = $4::integer)
returning
       -- include ../product-columns.sql
