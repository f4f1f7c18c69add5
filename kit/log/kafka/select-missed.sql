-- $1 group, $2 topics text[], $3 those of them whose first messages Kafka does not keep
-- Topics of which the group has read nothing and whose beginning is gone: from Kafka, or before it came to Kafka. What had been
-- dropped from an outbox when a topic was made is in no topic, whatever its oldest offset.
select topic
  from unnest($2::text[]) as t (topic)
 where (topic = any ($3::text[]) or (select dropped_at from log.state) is not null)
   and not exists (select from log.checkpoint c where c.reader_group = $1 and c.topic = t.topic and c.position <> '')
