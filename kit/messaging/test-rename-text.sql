-- no parameters
alter table note rename column text to body
