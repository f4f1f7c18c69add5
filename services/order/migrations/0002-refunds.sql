-- How it is paid, and how much was given back of it.
alter table orders
  add column payment_method text not null default 'card',
  add column refunded bigint not null default 0,
  drop constraint orders_status,
  add constraint orders_status
      check (status in ('PENDING', 'PAID', 'COMPLETED', 'CANCELLED', 'PARTIALLY_REFUNDED', 'REFUNDED')),
  add constraint orders_payment_method check (payment_method in ('card', 'transfer')),
  -- A free order is refunded with nothing.
  add constraint orders_refunded
      check (refunded = 0 or (refunded > 0 and status in ('PARTIALLY_REFUNDED', 'REFUNDED')));
