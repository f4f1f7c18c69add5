-- Addresses that a mail server has said do not exist: no further letter is tried until somebody lifts it.
create table suppressed (
  -- In lower case: no server that people use tells Ada@ from ada@.
  email text primary key constraint suppressed_email_is_lower_case check (email = lower(email)),
  reason text not null,
  since timestamptz not null,
  -- Letters that were not sent because of it.
  unsent integer not null default 0
);

-- Accounts that do not want to be reminded of payments any more.
create table unsubscribed (
  account_id uuid primary key,
  since timestamptz not null
);

-- Orders to be paid later that have ended: a reminder that comes late, because the mail server was away, is not sent.
create table ended_order (
  purchase_id uuid primary key,
  at timestamptz not null default now()
);

create index ended_order_at on ended_order (at);

-- Seals the links in letters.
create table link_secret (
  id smallint primary key default 1 constraint there_is_one_link_secret check (id = 1),
  secret text not null
);

-- From a purchase to what its customer was told.
create index message_about_purchase on message (((letter ->> 'purchase_id')::uuid), id);
