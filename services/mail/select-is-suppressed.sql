-- $1 e-mail text
select email from suppressed where email = lower($1::text)
