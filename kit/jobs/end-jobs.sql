-- $1 ids uuid[], $2 attempts int[]; fails with ARG02 when one of the tries does not hold its lease any more
select end_jobs($1::uuid[], $2::int[])
