-- Units of each product. available = on_hand - reserved is not stored: a sum that cannot disagree needs no check.
create table stock (
  product_id uuid primary key,
  on_hand    bigint not null,
  reserved   bigint not null default 0,
  updated_at timestamptz not null,
  constraint stock_never_oversold check (reserved >= 0 and on_hand >= reserved)
)
-- No indexed column ever changes: with room on the page every update stays there (HOT), and a hot row costs no index entry.
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- What became of each purchase's stock, refusals and releases of nothing included: the answer to a question asked again.
-- The lines are two arrays on the row, same product once: one row per purchase instead of one per line.
create table reservation (
  purchase_id     uuid primary key,
  state           text not null,
  product_ids     uuid[] not null,
  quantities      integer[] not null,
  refusal         text,
  refused_product uuid,
  decided_at      timestamptz not null,
  settled_at      timestamptz,
  constraint reservation_state check (state in ('reserved', 'refused', 'released', 'committed')),
  constraint reservation_lines check (cardinality(product_ids) = cardinality(quantities)),
  constraint reservation_refusal check ((state = 'refused') = (refusal is not null))
)
-- Each row is updated once, soon after its insert, together with its neighbours: half of each page is left for that.
with (fillfactor = 50);

-- The ledger of what came and went: the deltas of a product add up to its on_hand. Sales that are committed together are
-- one row per product, with the ids of their purchases.
create table movement (
  product_id   uuid not null,
  id           bigint generated always as identity,
  kind         text not null,
  delta        bigint not null,
  on_hand      bigint not null,
  reason       text,
  account_id   uuid,
  request_key  text,
  purchase_ids uuid[],
  at           timestamptz not null,
  primary key (product_id, id),
  constraint movement_kind check (kind in ('opened', 'counted', 'adjusted', 'sold')),
  constraint movement_on_hand check (on_hand >= 0),
  constraint movement_sale check ((kind = 'sold') = (purchase_ids is not null))
);

create unique index movement_request_key on movement (product_id, request_key) where request_key is not null;
