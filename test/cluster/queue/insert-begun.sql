-- $1 name, $2 number of the try
insert into begun (name, number) values ($1::text, $2::int)
