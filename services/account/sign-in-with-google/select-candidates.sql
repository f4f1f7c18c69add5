-- $1 issuer text, $2 subject text, $3 email key text, may be null
select a.id, a.active as verified, i.account_id is not null as linked
from account a
left join identity i on i.account_id = a.id and i.issuer = $1 and i.subject = $2
where i.account_id is not null or a.email_key = $3
