-- $1 account ids uuid[], $2 purchase ids uuid[]: of each pair, in order, whether a reminder of it is still wanted, and still true
select exists (select from unsubscribed u where u.account_id = a.account_id) as unsubscribed,
       exists (select from ended_order e where e.purchase_id = a.purchase_id) as ended
  from unnest($1::uuid[], $2::uuid[]) with ordinality as a (account_id, purchase_id, n)
 order by n
