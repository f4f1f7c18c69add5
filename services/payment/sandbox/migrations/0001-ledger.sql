-- The books of the simulated provider: what it has done, appended to and never changed.
create table ledger (
  authorization_id text not null,
  -- 1 the authorization, 2 what became of it, 3 the refund: each happens at most once.
  slot             smallint not null,
  kind             text not null,
  -- The merchant's idempotency key, and what the merchant calls the payment.
  key              text not null,
  reference        text not null,
  amount           bigint not null,
  currency_code    text not null,
  -- The card's token.
  card             text not null,
  at               timestamptz not null default now(),
  primary key (authorization_id, slot),
  constraint ledger_kind check (
    case slot
      when 1 then kind in ('authorized', 'declined')
      when 2 then kind in ('captured', 'voided')
      when 3 then kind = 'refunded'
      else false
    end),
  constraint ledger_amount check (amount >= 0)
)
with (autovacuum_vacuum_insert_scale_factor = 0.2);

-- Errors that a test card has made happen, so that the next try knows.
create table failure (
  key    text not null,
  number integer not null,
  at     timestamptz not null default now(),
  primary key (key, number)
);

-- Not even the provider changes its books.
revoke update, delete, truncate on ledger, failure from current_user;
