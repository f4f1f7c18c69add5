-- no parameters
select count(*)::int as keys from job_dedupe
