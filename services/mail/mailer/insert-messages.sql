-- $1 ids uuid[], $2 dedupe keys text[], $3 account ids uuid[], $4 e-mails text[], $5 first names text[],
-- $6 letters json[], $7 received at timestamptz
insert into message (id, dedupe_key, account_id, email, first_name, letter, received_at)
select id, dedupe_key, account_id, email, first_name, letter, $7::timestamptz
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::json[])
    as m (id, dedupe_key, account_id, email, first_name, letter)
    on conflict (dedupe_key) do nothing
