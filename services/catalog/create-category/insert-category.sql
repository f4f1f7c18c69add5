-- $1 id, $2 owner id, $3 name, $4 description, $5 now
insert into category (id, owner_id, name, description, created_at, updated_at)
values ($1::uuid, $2::uuid, $3, $4, $5::timestamptz, $5::timestamptz)
