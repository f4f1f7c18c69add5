-- $1 keys text[]
select key, max(n) as n from sent where key = any ($1::text[]) group by key
