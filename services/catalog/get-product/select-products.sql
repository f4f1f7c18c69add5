-- $1 product ids uuid[]
select id, category_id, owner_id, name, description, brand_name, price, currency_code, version, created_at, updated_at
  from product
 where id = any ($1::uuid[])
   and removed_at is null
