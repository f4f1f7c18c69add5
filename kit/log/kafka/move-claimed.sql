-- $1 topics text[], $2 partitions smallint[], $3 epochs bigint[], $4 from positions text[], $5 to positions text[]
-- Those are returned that nobody else has claimed meanwhile.
update log.checkpoint c
   set position = m.to_position,
       xid = greatest(c.xid, pg_snapshot_xmin(split_part(m.to_position, '@', 2)::pg_snapshot)), seq = 0
  from unnest($1::text[], $2::smallint[], $3::bigint[], $4::text[], $5::text[])
    as m (topic, partition, epoch, from_position, to_position)
 where c.reader_group = 'relay' and c.topic = m.topic and c.partition = m.partition
   and c.epoch = m.epoch and c.position = m.from_position
returning c.topic, c.partition
