-- What was sent, written in the transaction that sends it.
create table sent (key text not null, n int not null, primary key (key, n));

-- What has taken effect, in the order in which it has.
create table seen (
  id bigint generated always as identity primary key,
  reader_group text not null,
  member text not null,
  key text not null,
  n int not null
);

create table missed (reader_group text not null, topic text not null);

-- What is broken now: `mistake` fails for every message, `poison` for those that are poison.
create table fault (kind text primary key);
