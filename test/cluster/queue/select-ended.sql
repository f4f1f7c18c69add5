-- no parameters
select name, count(*)::int as times from ended group by name
