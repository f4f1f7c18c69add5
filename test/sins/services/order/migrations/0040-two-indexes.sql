-- outside a transaction
create index concurrently a on orders (note); create index concurrently b on orders (id)
-- sin: outside-form
