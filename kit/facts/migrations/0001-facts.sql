-- As an owner: which groups are told all facts, and how far that is. One row for each projection that has ever asked.
create table facts_telling (
  reader text not null,
  projection text not null,
  -- Which time of asking this answers.
  asking uuid not null,
  types text[] not null,
  -- Which facts are being told, and after which key; null: the first, from the beginning.
  facts text,
  after_key text,
  told bigint not null default 0,
  asked_at timestamptz not null default now(),
  done_at timestamptz,
  primary key (reader, projection)
);

create index facts_telling_open on facts_telling (asked_at) where done_at is null;

-- As a reader: which owners were asked for facts.
create table facts_asking (
  projection text not null,
  owner text not null,
  id uuid not null,
  asked_at timestamptz not null default now(),
  -- The last time that it was asked: again and again until it is read.
  sent_at timestamptz not null default now(),
  -- Those in which it has been read that all is told.
  partitions smallint[] not null default '{}',
  told bigint not null default 0,
  read_at timestamptz,
  primary key (projection, owner)
);
