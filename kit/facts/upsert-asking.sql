-- $1 projection text, $2 owners text[], $3 ids uuid[]
insert into facts_asking (projection, owner, id)
select $1, owner, id from unnest($2::text[], $3::uuid[]) as a (owner, id)
    on conflict (projection, owner) do update
   set id = excluded.id, asked_at = now(), sent_at = now(), partitions = '{}', told = 0, read_at = null
