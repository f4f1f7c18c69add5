alter table orders add column parcel uuid references parcel
-- sin: constraint-not-valid
