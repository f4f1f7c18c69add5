-- Who an account is at an OpenID provider. The provider's subject is the key; an e-mail address may change hands.
create table identity (
  issuer text not null,
  subject text not null,
  account_id uuid not null references account,
  linked_at timestamptz not null,
  constraint identity_belongs_to_one_account primary key (issuer, subject)
);

create index identity_of_account on identity (account_id);
