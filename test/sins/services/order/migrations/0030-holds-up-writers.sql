create unique index orders_note on orders (note)
-- sin: index-concurrently
