-- $1 id, $2 account id, $3 note, $4 now
insert into sent_parcel (id, account_id, note, created_at)
values ($1::uuid, $2::uuid, $3, $4::timestamptz)
