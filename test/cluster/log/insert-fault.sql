-- $1 kind
insert into fault (kind) values ($1)
