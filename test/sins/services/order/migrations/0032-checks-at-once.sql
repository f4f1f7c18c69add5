alter table orders
  drop constraint orders_status,
  add constraint orders_status check (status in ('PENDING', 'PAID', 'not valid'))
-- sin: constraint-not-valid
