-- no parameters
delete from recipient
