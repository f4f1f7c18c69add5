-- $1 group, $2 topics text[]: those of them that it has not read before and whose beginning is gone are returned
-- why: the row is written first, so that nothing is dropped any more once it is known what has been. Whoever is about to leave
-- messages unwritten for the first time has the row of `state`: it is waited for, or waits and finds the group.
with before as (select topics from log.reader_group where name = $1 and forgotten_at is null),
     joined as (
       insert into log.reader_group (name, topics) values ($1, $2::text[])
           on conflict (name) do update set topics = excluded.topics, forgotten_at = null),
     -- A position of another log says nothing here.
     cleared as (
       update log.checkpoint set position = '' where reader_group = $1 and position !~ '^(\d+\+?@\d+:|$)')
select topic
  from unnest($2::text[]) as t (topic)
 where (select dropped_at from log.state for share) is not null
   and not exists (select from before where topic = any (before.topics))
