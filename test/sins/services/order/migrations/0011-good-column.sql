-- What is read later may be added now: a constant default is not written into the rows. Nobody renames or drops a thing.
alter table orders
  add column note text not null default 'none, really; not one',
  add column price numeric(10, 2),
  add constraint orders_note check (length(note) < 100 and note is not null) not valid,
  alter column customer drop not null
