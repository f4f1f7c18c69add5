-- $1 account ids uuid[], $2 purchase ids uuid[], $3 times at which they expire timestamptz[]: of each, in order, whether a reminder
-- of it is still wanted, and still true. The time is this server's, by which the order expires too: a process's may have jumped.
select a.expires_at <= now() as late,
       exists (select from unsubscribed u where u.account_id = a.account_id) as unsubscribed,
       exists (select from ended_order e where e.purchase_id = a.purchase_id) as ended
  from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) with ordinality as a (account_id, purchase_id, expires_at, n)
 order by n
