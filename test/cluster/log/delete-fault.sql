-- $1 kind
delete from fault where kind = $1
