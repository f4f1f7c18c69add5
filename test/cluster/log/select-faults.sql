-- no parameters
select kind from fault
