-- no parameters
select id from job order by id limit 1 for update
