-- Which version of its definition a saga began with: two releases may run side by side, and only one that knows that
-- version moves it on. A release that does not know the column inserts without it; what it begins is version 1.
alter table saga add column definition int not null default 1;
