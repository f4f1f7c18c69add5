-- $1 kept for so many seconds, $2 at most so many rows
delete from ended_order
 where purchase_id = any (array(
       select purchase_id from ended_order where at < now() - $1::int * interval '1 second' order by at limit $2))
returning purchase_id
