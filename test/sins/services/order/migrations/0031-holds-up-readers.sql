drop index orders_note
-- sin: index-concurrently
