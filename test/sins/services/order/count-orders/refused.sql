-- sin: sql-prepares
select id from no_such_table
