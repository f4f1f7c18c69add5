-- $1 e-mail text, $2 reason text, $3 since timestamptz
insert into suppressed (email, reason, since) values (lower($1::text), $2, $3) on conflict (email) do nothing
