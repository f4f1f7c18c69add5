-- $1 ids uuid[], $2 attempts int[]: only the try that holds the lease may end its job
delete from job j using unnest($1::uuid[], $2::int[]) as f (id, attempt)
 where j.id = f.id and j.attempt = f.attempt
returning j.id
