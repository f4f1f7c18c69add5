-- no parameters
select state, count(*)::int as letters from dead_letter group by state
