-- $1 owner text, $2 projections text[], $3 ids uuid[], $4 partitions smallint[], $5 how many there are int[], $6 facts
-- told bigint[]
-- An answer to an earlier time of asking changes nothing.
update facts_asking a
   set partitions = n.partitions,
       told = n.told,
       read_at = case when cardinality(n.partitions) = n.of then coalesce(a.read_at, now()) end
  from (select m.projection, m.id, max(m.of) as of, max(m.told) as told,
               array(select distinct p
                       from unnest(b.partitions || array_agg(m.partition)) as p) as partitions
          from unnest($2::text[], $3::uuid[], $4::smallint[], $5::int[], $6::bigint[])
            as m (projection, id, partition, of, told)
          join facts_asking b on b.projection = m.projection and b.id = m.id and b.owner = $1
         group by m.projection, m.id, b.partitions) n
 where a.owner = $1 and a.projection = n.projection and a.id = n.id
