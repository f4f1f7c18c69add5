-- no parameters
select now() as now
