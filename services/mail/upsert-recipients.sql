-- $1 account ids uuid[], $2 e-mails text[], $3 first names text[], $4 last names text[]; every account at most once
insert into recipient (account_id, email, first_name, last_name)
select account_id, email, first_name, last_name
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as r (account_id, email, first_name, last_name)
 order by account_id
    on conflict (account_id) do update
   set email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name
