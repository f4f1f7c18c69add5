-- $1 ids uuid[], $2 versions int[]: those among them that are at another version by now
select s.id
  from unnest($1::uuid[], $2::int[]) as known (id, version)
  join saga s on s.id = known.id
 where s.version <> known.version
