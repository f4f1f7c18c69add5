-- $1 secret text
insert into link_secret (secret) values ($1) on conflict (id) do nothing
