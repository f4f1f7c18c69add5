set local lock_timeout = '10min'; alter table orders add column slow text
-- sin: own-settings
