create table parcel (
  id uuid primary key,
  order_id uuid not null references orders (id),
  weight int not null constraint parcel_weight check (weight > 0)
);
create index parcel_of_order on parcel (order_id);
alter table parcel add column sent_at timestamptz not null default now();
revoke delete on parcel from current_user
