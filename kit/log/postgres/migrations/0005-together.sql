-- Whether a message of the topic need not be written, for all registered groups that may read it have had it (with commas).
create function have_all_had(of_topic text, had text) returns boolean language sql stable set search_path = log, pg_temp as $$
  select had is not null and not exists (
         select from reader_group g
          where g.forgotten_at is null and (g.topics is null or of_topic = any (g.topics))
            and g.name <> all (string_to_array(had, ',')));
$$;

-- What all groups have had already is not written. So a group that joins later does not find all that there was, even where nothing
-- has been dropped: it is told the facts.
create function note_unwritten(topics text[], hads text[]) returns void language sql security definer set search_path = log, pg_temp as $$
  update state set dropped_at = now()
   where dropped_at is null
     and exists (select from unnest(topics, hads) as b (topic, had) where have_all_had(b.topic, b.had));
$$;

-- Fails with ARG03 when a group that was handed messages has an earlier one of the same key to read: written meanwhile by another
-- process, or so lately that its own did not know. For each group and partition: how far the group had read when it was handed them,
-- the keys (an array of texts), and the types that it handles (with commas; null: it may handle any).
create function refuse_overtaking(groups text[], topics text[], partitions smallint[], positions text[], keys jsonb[], types text[])
returns void language plpgsql set search_path = log, pg_temp as $$
begin
  if exists (
       select
         from unnest(groups, topics, partitions, positions, keys, types)
           as h (of_group, topic, partition, position, keys, handled)
        cross join lateral (
              (select o.messages
                 from outbox o
                where o.topic = h.topic and o.partition = h.partition
                  and o.seq > coalesce(substring(h.position from '^\d+')::bigint, 0))
               union all
              (select late.messages
                 from unnest(string_to_array(nullif(split_part(h.position, ':', 3), ''), ',')::xid8[]) as gap (xid)
                cross join lateral (
                      select seq, messages
                        from outbox
                       where topic = h.topic and partition = h.partition and xid = gap.xid
                      offset 0) late
                where late.seq <= substring(h.position from '^\d+')::bigint)) unread
        cross join lateral json_array_elements(unread.messages) as m (envelope)
        where h.keys ? (envelope ->> 'partitionkey')
          and coalesce(envelope ->> 'audience', h.of_group) = h.of_group
          and h.of_group <> all (string_to_array(coalesce(envelope ->> 'had', ''), ','))
          and (h.handled is null or envelope ->> 'type' = any (string_to_array(h.handled, ','))))
  then
    raise exception 'a message that is handed on would overtake one of its key' using errcode = 'ARG03';
  end if;
end $$;
