-- A message that could not be handled, and behind it, in order, the later messages of its key.
create table dead_letter (
  id bigint generated always as identity primary key,
  topic text not null,
  partition smallint not null,
  key text not null,
  envelope json not null,
  state text not null constraint dead_letter_state check (state in ('parked', 'behind', 'replay')),
  reason text not null,
  parked_at timestamptz not null default now()
);

create index dead_letter_key on dead_letter (topic, key, id);
