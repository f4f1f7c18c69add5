-- $1 group
select key, array_agg(n order by id) as numbers from seen where reader_group = $1 group by key
