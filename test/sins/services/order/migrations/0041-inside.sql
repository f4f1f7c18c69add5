create index concurrently a on orders (note)
-- sin: outside-form
