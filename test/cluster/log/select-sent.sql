-- no parameters
select key, array_agg(n order by n) as numbers from sent group by key
