alter table orders add constraint one_note unique (note)
-- sin: constraint-not-valid
