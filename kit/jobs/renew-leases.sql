-- $1 ids uuid[], $2 attempts int[], $3 lease in ms
-- why: what somebody has locked is left out, or its end would be awaited with the leases of all others running out.
update job j
   set due_at = now() + $3::int * interval '1 ms'
  from (select job.id, job.attempt
          from job join unnest($1::uuid[], $2::int[]) as held (id, attempt) on job.id = held.id and job.attempt = held.attempt
         where job.dead_at is null
           for no key update of job skip locked) free
 where j.id = free.id and j.attempt = free.attempt
