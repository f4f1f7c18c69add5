-- $1 e-mails text[], one for each letter
update suppressed s
   set unsent = s.unsent + u.letters
  from (select lower(email) as email, count(*)::int as letters from unnest($1::text[]) as given (email) group by 1) as u
 where s.email = u.email
