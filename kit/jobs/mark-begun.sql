-- $1 id, $2 attempt: of a try that may kill its process
update job set unfinished = unfinished + 1 where id = $1::uuid and attempt = $2::int
