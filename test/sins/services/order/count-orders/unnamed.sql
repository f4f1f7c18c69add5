-- sin: sql-names-parameters
select $1::uuid as id
