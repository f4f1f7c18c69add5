-- $1 ids bigint[]
delete from dead_letter where id = any ($1::bigint[])
