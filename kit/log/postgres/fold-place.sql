-- $1 topic, $2 partition, $3 the partition that its rows go to
update log.outbox set partition = $3 where topic = $1 and partition = $2
