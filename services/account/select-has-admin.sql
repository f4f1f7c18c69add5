-- Once in a process's life. Admins are made early, and the first one ends the search.
select exists (select from account where 'admin' = any (roles)) as has_admin
