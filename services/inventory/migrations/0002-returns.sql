-- Sold units that came back, one row per refund: the answer to a refund told twice.
create table stock_return (
  refund_id   uuid primary key,
  purchase_id uuid not null,
  product_ids uuid[] not null,
  quantities  integer[] not null,
  at          timestamptz not null,
  constraint stock_return_lines check (cardinality(product_ids) = cardinality(quantities))
);

create index stock_return_of_purchase on stock_return (purchase_id);

alter table movement
  drop constraint movement_kind,
  drop constraint movement_sale,
  add constraint movement_kind check (kind in ('opened', 'counted', 'adjusted', 'sold', 'returned')),
  add constraint movement_sale check ((kind in ('sold', 'returned')) = (purchase_ids is not null));
