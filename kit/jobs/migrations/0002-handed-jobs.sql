-- With a message broker. `again_at`: the broker was given this try's message and, should it have lost that, is given it again then;
-- null while the database hands the job out. `handed`: how often it was given.
-- `unended`: tries since one last ended with a word; a job whose tries kill their process has many.
alter table job add column unended int not null default 0;

alter table job add column again_at timestamptz, add column handed int not null default 0;

drop index job_due;
create index job_due on job (due_at) where dead_at is null and again_at is null;
create index job_handed on job (again_at) where dead_at is null and again_at is not null;

-- For keys that are old enough to be forgotten.
create index job_dedupe_at on job_dedupe (at);
