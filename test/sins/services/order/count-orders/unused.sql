-- sin: sql-used
select 1 as one
