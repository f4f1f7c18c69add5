select jwk from signing_key where id = 1
