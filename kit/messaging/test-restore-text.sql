-- no parameters
alter table note rename column body to text
