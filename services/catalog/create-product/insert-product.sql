-- $1 the product: an object of its columns
insert into product (
       -- include ../product-columns.sql
)
select
       -- include ../product-columns.sql
  from jsonb_populate_record(null::product, $1::jsonb)
