-- $1 group, $2 topics text[]: those of them that it has read nothing of
select topic
  from unnest($2::text[]) as t (topic)
 where not exists (select from log.checkpoint c where c.reader_group = $1 and c.topic = t.topic and c.position <> '')
