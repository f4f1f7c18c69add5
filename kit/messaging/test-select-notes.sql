-- no parameters
select topic, text from note order by id
