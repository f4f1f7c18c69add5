create table begun (name text not null, number int not null, at timestamptz not null default clock_timestamp());
create table ended (name text not null);
