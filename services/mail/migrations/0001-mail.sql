-- Whom to write to: what the account service told at registration.
create table recipient (
  account_id uuid primary key,
  email text not null,
  first_name text not null,
  last_name text not null
);

-- The built-in mailbox (SMTP_URL=inbox:). A letter is kept as what it says, not as rendered: pages render it when they are
-- looked at, so that a thousand purchases per second do not pay for HTML that nobody reads.
create table message (
  id uuid primary key,
  dedupe_key text not null constraint message_is_kept_once unique,
  account_id uuid not null,
  email text not null,
  first_name text not null,
  letter json not null,
  received_at timestamptz not null
);

create index message_of_recipient on message (email, id desc);
