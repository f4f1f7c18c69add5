select account_id, note from sent_parcel order by created_at
