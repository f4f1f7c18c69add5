-- no parameters
select name, number, (extract(epoch from at) * 1000)::float8 as ms from begun order by at
