-- $1 purchase ids uuid[]
select purchase_id, state, product_ids, quantities, refusal, refused_product
  from reservation
 where purchase_id = any ($1::uuid[])
   for no key update
