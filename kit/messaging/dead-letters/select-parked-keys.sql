-- no parameters
select distinct topic, key from dead_letter
