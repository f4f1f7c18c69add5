-- outside a transaction
-- By name as people sort (Apple, apple pie, banana, Éclair, zebra, Zoo), whatever language the database was made for: the order of
-- the Unicode Collation Algorithm without the rules of one language. product_by_name serves the release before this one.
create index concurrently product_in_order on product (name collate "und-x-icu", id) where removed_at is null;
