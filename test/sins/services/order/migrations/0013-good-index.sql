-- outside a transaction
create index concurrently orders_of_note on orders (note)
