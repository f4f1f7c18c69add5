-- $1 streams uuid[], $2 versions int[], $3 types text[], $4 data json[], $5 at timestamptz[]
-- A version that is taken breaks order_event_pkey: somebody else has decided on the same state.
insert into order_event (stream, version, type, data, at)
select * from unnest($1::uuid[], $2::int[], $3::text[], $4::json[], $5::timestamptz[])
