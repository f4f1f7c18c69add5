-- $1 key text, $2 how often it may fail
-- Returns a row while it has failed less often.
insert into failure (key, number)
select $1::text, count(*) + 1 from failure where key = $1 having count(*) < $2::int
returning number
