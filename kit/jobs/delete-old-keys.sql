-- $1 kept for so many seconds, $2 at most so many rows
delete from job_dedupe
 where key = any (array(select key from job_dedupe where at < now() - $1::int * interval '1 second' order by at limit $2))
returning key
