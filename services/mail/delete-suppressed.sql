-- $1 e-mail text
delete from suppressed where email = lower($1::text) returning email
