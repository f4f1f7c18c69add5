-- $1 only to this e-mail text or null, $2 only of this template text or null, $3 only about this purchase or account uuid or
-- null, $4 only with this in it, as a pattern text or null, $5 or of these templates text[], $6 older than this id uuid or
-- null, $7 at most so many
select id, account_id, email, first_name, letter, received_at
  from message
 where ($1::text is null or email = $1::text)
   and ($2::text is null or letter ->> 'template' = $2::text)
   and ($3::uuid is null or account_id = $3::uuid or (letter ->> 'purchase_id')::uuid = $3::uuid)
   and ($4::text is null or email ilike $4::text or normalize(letter::text) ilike $4::text or letter ->> 'template' = any ($5::text[]))
   and ($6::uuid is null or id < $6::uuid)
 order by id desc
 limit $7::int
