-- $1 purchase ids uuid[], $2 states text[], $3 product ids text[], each a list, $4 quantities text[], each a list,
-- $5 refusals text[], $6 refused products uuid[], $7 now timestamptz
insert into reservation
       (purchase_id, state, product_ids, quantities, refusal, refused_product, decided_at, settled_at)
select purchase_id, state, product_ids::uuid[], quantities::integer[], refusal, refused_product, $7::timestamptz,
       case when state in ('committed', 'released') then $7::timestamptz end
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[])
       as r (purchase_id, state, product_ids, quantities, refusal, refused_product)
