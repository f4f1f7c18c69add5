-- no parameters
alter table note drop constraint note_not_bad
