-- $1 topics text[], $2 partitions smallint[], $3 messages json[], $4 sizes smallint[], $5 groups that have handled them text[] (with
-- commas; null: nobody has); returns the topics of what was written
-- What all groups have had that the topic is kept for need not be kept.
insert into outbox (topic, partition, messages, size)
select b.topic, b.partition, b.messages, b.size
  from unnest($1::text[], $2::smallint[], $3::json[], $4::smallint[], $5::text[]) with ordinality
    as b (topic, partition, messages, size, had, n)
 where not have_all_had(b.topic, b.had)
 order by b.n
returning topic
