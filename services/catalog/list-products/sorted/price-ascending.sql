-- $1 category id, $2 owner id, $3 brand name, $4 part of the name, $5 least price, $6 greatest price: each or null;
-- $7 price of the last one seen or null, $8 its id, $9 how many
select
       -- include ../../product-columns.sql
  from product
 where removed_at is null
   and ($1::uuid is null or category_id = $1::uuid)
   and ($2::uuid is null or owner_id = $2::uuid)
   and ($3::text is null or brand_name = $3::text)
   and ($4::text is null or position(lower($4::text collate "und-x-icu") in lower(name collate "und-x-icu")) > 0)
   and ($5::bigint is null or price >= $5::bigint)
   and ($6::bigint is null or price <= $6::bigint)
   and ($7::bigint is null or (price, id) > ($7::bigint, $8::uuid))
 order by price, id
 limit $9::integer
