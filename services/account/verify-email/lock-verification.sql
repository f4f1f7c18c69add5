-- $1 account id uuid
select code_id, code_hash, tries, sent_at, expires_at
from verification
where account_id = $1
for update
