-- $1 readers text[], $2 projections text[], $3 askings uuid[], $4 types text[] (each an array), in which a pair is only
-- once
-- why: whoever asks again has begun anew, or has not heard that all is told; then all is told again. A message that is
-- repeated while it is being told changes nothing.
insert into facts_telling (reader, projection, asking, types)
select reader, projection, asking, types::text[]
  from unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) as t (reader, projection, asking, types)
 order by reader, projection
    on conflict (reader, projection) do update
   set asking = excluded.asking, types = excluded.types, facts = null, after_key = null, told = 0,
       asked_at = now(), done_at = null
 where facts_telling.asking <> excluded.asking or facts_telling.done_at is not null
