-- How many purchases have ended since the table was made. Each process adds what it has ended, a few times a second while
-- there is something to add: what all processes together end is the pace by which each of them admits new purchases.
create table pace (
  one boolean primary key default true constraint pace_one check (one),
  ended bigint not null
);

insert into pace (ended) values (0);
