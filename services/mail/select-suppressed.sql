-- $1 at most so many
select email, reason, since, unsent from suppressed order by since desc, email limit $1::int
