-- $1 hash of the token bytea
-- Both rows are locked, so that whoever waited sees what the one before has written to either.
select t.session_id, s.account_id, s.seed, t.expires_at, t.rotated_at, s.ended_at
from refresh_token t
join session s on s.id = t.session_id
where t.hash = $1
for update
