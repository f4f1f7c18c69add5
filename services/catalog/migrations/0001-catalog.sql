create table category (
  id          uuid primary key,
  owner_id    uuid not null,
  name        text not null,
  description text not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

create index category_by_name on category (name, id);

-- A removed product stays, for its id must never mean another one. `version` is what If-Match speaks of.
create table product (
  id            uuid primary key,
  category_id   uuid not null constraint product_category references category,
  owner_id      uuid not null,
  name          text not null,
  description   text not null,
  brand_name    text not null,
  price         bigint not null constraint product_price check (price >= 0),
  currency_code text not null constraint product_currency check (currency_code ~ '^[A-Z]{3}$'),
  version       integer not null default 1,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  removed_at    timestamptz
);

-- One for each order of the list, and for its two most selective filters.
create index product_by_name on product (name, id) where removed_at is null;
create index product_by_price on product (price, id) where removed_at is null;
create index product_by_age on product (created_at, id) where removed_at is null;
create index product_by_category on product (category_id, created_at, id) where removed_at is null;
create index product_by_owner on product (owner_id, created_at, id) where removed_at is null;
