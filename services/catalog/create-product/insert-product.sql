-- $1 id, $2 category id, $3 owner id, $4 name, $5 description, $6 brand name, $7 price, $8 currency code, $9 now
insert into product
       (id, category_id, owner_id, name, description, brand_name, price, currency_code, created_at, updated_at)
values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7::bigint, $8, $9::timestamptz, $9::timestamptz)
