-- $1 id, $2 attempt: a try that is made alone, for it may kill its process
update job set unfinished = unfinished + 1 where id = $1::uuid and attempt = $2::int
