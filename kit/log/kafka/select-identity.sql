-- no parameters: a short name of this database, another one on every server that it is restored to
select left(translate(encode(sha256(convert_to(system_identifier || '/' || oid, 'UTF8')), 'base64'), '+/=', '-_'), 10) as identity
  from pg_control_system(), pg_database
 where datname = current_database()
