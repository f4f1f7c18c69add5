-- outside a transaction
create index concurrently category_in_order on category (name collate "und-x-icu", id);
