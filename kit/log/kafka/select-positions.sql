-- no parameters: how far the groups of this database have read
select reader_group as "group", topic, partition, position from log.checkpoint where reader_group <> 'relay'
