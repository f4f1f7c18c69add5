-- One row per purchase that money was asked for, or that was voided before.
create table payment (
  purchase_id      uuid primary key,
  state            text not null,
  -- Absent when it was voided before it was asked for: nobody's.
  customer_id      uuid,
  amount           bigint,
  currency_code    text,
  -- The provider's token; the card itself is known to the provider only.
  card_token       text,
  -- What the provider calls it.
  authorization_id text,
  -- Which answer the call under way brings: to a void or to a refund.
  owed             text,
  -- Why the provider refused.
  reason           text,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  constraint payment_state check (state in ('authorizing', 'withdrawing', 'declined', 'authorized', 'capturing', 'captured',
    'uncaptured', 'returning', 'voiding', 'refunding', 'voided', 'refunded')),
  constraint payment_terms check (
    (customer_id is null) = (amount is null) and (customer_id is null) = (currency_code is null)
    and (customer_id is not null or state = 'voided')),
  constraint payment_held check (authorization_id is not null or state in ('authorizing', 'withdrawing', 'declined', 'voided')),
  constraint payment_owed check ((owed is not null) = (state in ('withdrawing', 'returning', 'voiding', 'refunding'))),
  constraint payment_reason check ((reason is not null) = (state in ('declined', 'uncaptured')))
)
-- Each row is updated three times, soon after its insert, in no indexed column: with room on the page it stays there (HOT).
with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05);

-- Ids are UUIDv7: in the order of time.
create index payment_of_customer on payment (customer_id, purchase_id);
