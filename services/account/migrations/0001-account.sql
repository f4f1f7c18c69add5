create table account (
  id uuid primary key,
  email text not null,
  -- What makes two addresses the same, see domain/email.ts.
  email_key text not null constraint email_belongs_to_one_account unique,
  -- Absent for an account that signs in with a provider only.
  password_hash text,
  first_name text not null,
  last_name text not null,
  address text not null,
  phone_number text not null,
  roles text[] not null default '{customer}' constraint roles_are_known check (roles <@ '{customer,seller,admin}'),
  -- The e-mail address has been verified.
  active boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- A session is the family of the refresh tokens that came from one sign-in, and ends as a whole.
create table session (
  id uuid primary key,
  account_id uuid not null references account,
  -- Each token's successor is derived from it with this key: whoever comes twice gets the same successor.
  seed bytea not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_because text,
  constraint an_end_has_a_reason check ((ended_at is null) = (ended_because is null))
);

create index session_of_account on session (account_id);

-- One row per refresh token ever issued, kept until it expires: a token that comes back late must be recognised.
create table refresh_token (
  -- SHA-256. A token has 256 random bits, so a slow hash would add nothing.
  hash bytea primary key,
  session_id uuid not null references session on delete cascade,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  rotated_at timestamptz
);

create index refresh_token_of_session on refresh_token (session_id);

-- The code that was sent last; one per account that has not verified its address.
create table verification (
  account_id uuid primary key references account,
  code_id uuid not null,
  code_hash bytea not null,
  tries integer not null default 0,
  sent_at timestamptz not null,
  expires_at timestamptz not null
);

-- The key that signs access tokens when none is configured: made once, by whoever starts first.
create table signing_key (
  id smallint primary key default 1 constraint there_is_one_signing_key check (id = 1),
  jwk json not null
);
