-- $1 interval: every timer as it would be had so much time passed
update job
   set due_at = due_at - $1::interval,
       data = json_build_object(
         'purchase_id', data ->> 'purchase_id',
         'reminded', (data ->> 'reminded')::int,
         'since', to_char(((data ->> 'since')::timestamptz - $1::interval) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
 where type = 'order.watch-payment'
