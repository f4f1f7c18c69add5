-- $1 topics text[], $2 partitions smallint[], $3 messages json[], $4 sizes smallint[], $5 groups that have handled them text[] (with
-- commas; null: nobody has); returns the topics of what was written
-- What all groups have had that the topic is kept for need not be kept.
insert into outbox (topic, partition, messages, size)
select b.topic, b.partition, b.messages, b.size
  from unnest($1::text[], $2::smallint[], $3::json[], $4::smallint[], $5::text[]) with ordinality
    as b (topic, partition, messages, size, had, n)
 where b.had is null
    or exists (select from reader_group g
                where g.forgotten_at is null and (g.topics is null or b.topic = any (g.topics))
                  and g.name <> all (string_to_array(b.had, ',')))
 order by b.n
returning topic
