-- $1 after this stream, $2 at most so many
select stream
  from order_event
 where stream > $1::uuid and version = 1
 order by stream
 limit $2::int
