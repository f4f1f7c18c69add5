-- Who bought, and by which request. What was bought and how far it has come is the purchase's saga, under the same id.
create table purchase (
  id uuid primary key,
  customer_id uuid not null,
  created_at timestamptz not null,
  idempotency_key text,
  request_hash bytea,
  constraint purchase_request check ((idempotency_key is null) = (request_hash is null))
);

-- For the customer's own list, newest first: ids are ordered by time.
create index purchase_customer on purchase (customer_id, id);

create unique index purchase_idempotency_key on purchase (customer_id, idempotency_key) where idempotency_key is not null;
