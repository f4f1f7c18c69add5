-- $1 group, $2 topics text[], $3 partitions smallint[], $4 from xids, $5 from seqs, $6 to xids, $7 to seqs
select log.advance($1::text, $2::text[], $3::smallint[], $4::xid8[], $5::bigint[], $6::xid8[], $7::bigint[])
