-- no parameters: how far the relay has come
select position from log.checkpoint where reader_group = 'relay'
