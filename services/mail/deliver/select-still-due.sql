-- $1 account id uuid, $2 purchase id uuid: whether a reminder of it is still wanted, and still true
select exists (select from unsubscribed where account_id = $1::uuid) as unsubscribed,
       exists (select from ended_order where purchase_id = $2::uuid) as ended
