-- $1 id, $2 now
update product
   set removed_at = $2::timestamptz, updated_at = $2::timestamptz, version = version + 1
 where id = $1::uuid
