-- $1 group
select count(*)::int as unseen
  from sent s
 where not exists (select from seen where reader_group = $1 and key = s.key and n = s.n)
