-- $1 group
delete from log.checkpoint where reader_group = $1 and reader_group <> 'relay' returning topic
