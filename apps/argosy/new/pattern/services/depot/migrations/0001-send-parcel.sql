create table sent_parcel (
  id         uuid primary key,
  account_id uuid not null,
  note       text not null,
  created_at timestamptz not null,
  constraint sent_parcel_note check (char_length(note) between 1 and 200)
);
