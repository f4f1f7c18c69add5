-- $1 private key as a JWK json
insert into signing_key (jwk) values ($1) on conflict (id) do nothing
