-- $1 event id text, $2 type text, $3 hash of the body bytea, $4 signed at timestamptz, $5 now timestamptz
-- Returns whether the event is new; nothing for a replay, which was signed no later than the delivery before it, and for
-- another event under a used id.
insert into webhook_event as known (event_id, type, body_hash, signed_at, received_at)
values ($1::text, $2::text, $3::bytea, $4::timestamptz, $5::timestamptz)
    on conflict (event_id) do update set signed_at = excluded.signed_at
 where known.signed_at < excluded.signed_at and known.body_hash = excluded.body_hash
returning xmax = 0 as fresh
