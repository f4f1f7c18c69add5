-- With a message broker. `republish_at`: the broker was given this try's message and, should it have lost that, is given it again then;
-- null while the database hands the job out. `publishes`: how often it was given.
-- `unfinished`: tries in a row that have begun and are not recorded; a job whose tries kill their process has many.
alter table job add column unfinished int not null default 0;

alter table job add column republish_at timestamptz, add column publishes int not null default 0;

drop index job_due;
create index job_due on job (due_at) where dead_at is null and republish_at is null;
create index job_published on job (republish_at) where dead_at is null and republish_at is not null;

-- For keys that are old enough to be forgotten.
create index job_dedupe_at on job_dedupe (at);
