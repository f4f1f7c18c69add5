-- $1 product ids uuid[]
select
       -- include ../product-columns.sql
  from product
 where id = any ($1::uuid[])
   and removed_at is null
