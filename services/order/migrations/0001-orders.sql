-- The truth: what has happened to each order. Appended to, never changed.
create table order_event (
  -- The id of the purchase, which is the id of its order.
  stream  uuid not null,
  version integer not null,
  type    text not null,
  data    json not null,
  at      timestamptz not null,
  -- Two who append at the same version cannot both succeed.
  primary key (stream, version),
  constraint order_event_version check (version > 0)
);

-- What the events amount to, written with them. Holds what is looked up by and what changes; lines and amount stay in the
-- first event, so that a change of status copies a small row.
create table orders (
  purchase_id uuid primary key,
  customer_id uuid,
  status      text not null,
  version     integer not null,
  reason      text,
  placed_at   timestamptz,
  updated_at  timestamptz not null,
  constraint orders_status check (status in ('PENDING', 'PAID', 'COMPLETED', 'CANCELLED')),
  constraint orders_reason check ((status = 'CANCELLED') = (reason is not null)),
  -- Only an order that was cancelled before it was placed is nobody's.
  constraint orders_placed check ((customer_id is null) = (placed_at is null) and (placed_at is not null or status = 'CANCELLED'))
)
-- Each row is updated twice, soon after its insert, in no indexed column: with room on the page it stays there (HOT).
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- Ids are UUIDv7: in the order of time.
create index orders_of_customer on orders (customer_id, purchase_id);
