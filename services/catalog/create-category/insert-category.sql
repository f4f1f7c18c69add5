-- $1 id, $2 name, $3 description, $4 now
insert into category (id, name, description, created_at, updated_at)
values ($1::uuid, $2, $3, $4::timestamptz, $4::timestamptz)
