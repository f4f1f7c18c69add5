-- $1 group
select topic from missed where reader_group = $1
