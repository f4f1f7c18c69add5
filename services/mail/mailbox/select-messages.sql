-- $1 only to this e-mail text or null, $2 older than this id uuid or null, $3 at most so many
select id, account_id, email, first_name, letter, received_at
  from message
 where ($1::text is null or email = $1::text)
   and ($2::uuid is null or id < $2::uuid)
 order by id desc
 limit $3::int
