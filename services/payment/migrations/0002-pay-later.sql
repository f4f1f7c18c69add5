-- Paid later: a payment may be pending, and then be tried by card more than once. Null for those that are paid at once.
alter table payment
  add column tries int,
  drop constraint payment_state,
  drop constraint payment_owed;

-- The better name for what is called off while the provider is being asked for the money.
update payment set state = 'cancelling' where state = 'withdrawing';

alter table payment
  add constraint payment_owed check ((owed is not null) = (state in ('cancelling', 'returning', 'voiding', 'refunding'))),
  add constraint payment_state check (state in ('pending', 'authorizing', 'cancelling', 'declined', 'authorized', 'capturing',
    'captured', 'uncaptured', 'returning', 'voiding', 'refunding', 'voided', 'refunded')),
  drop constraint payment_held,
  add constraint payment_held check (
    authorization_id is not null or state in ('pending', 'authorizing', 'cancelling', 'declined', 'voided')),
  add constraint payment_tries check (
    tries >= 0 and state in ('pending', 'authorizing') or tries is null and state <> 'pending');

-- Money that goes back in parts after the capture. That all of them are no more than was captured is decided with the
-- payment's row locked.
create table refund (
  refund_id   uuid primary key,
  purchase_id uuid not null references payment (purchase_id),
  amount      bigint not null constraint refund_amount check (amount > 0),
  state       text not null constraint refund_state check (state in ('pending', 'issued')),
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

create index refund_of_payment on refund (purchase_id);

-- Events that the provider has told, by the id that it gave them. The body is in the job that applies it.
create table webhook_event (
  event_id    text primary key,
  type        text not null,
  -- SHA-256 of the body: under one id comes one event.
  body_hash   bytea not null,
  -- When the latest delivery was signed; an older or the same one is a replay.
  signed_at   timestamptz not null,
  received_at timestamptz not null
);
