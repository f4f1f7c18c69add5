-- $1 where the backup begins text
-- Segments are named from the one that holds its beginning to the one that holds its last byte.
with stopped as materialized (select lsn, labelfile from pg_backup_stop(wait_for_archive => false)),
     segment as (select setting::numeric as bytes from pg_settings where name = 'wal_segment_size')
select labelfile as label, $1::text as start, lsn::text as "end",
       (select system_identifier::text from pg_control_system()) as system,
       (select timeline_id from pg_control_checkpoint()) as timeline,
       array(select pg_walfile_name('0/0'::pg_lsn + n * bytes + 1)
               from segment, generate_series(trunc(($1::pg_lsn - '0/0'::pg_lsn) / bytes),
                                             trunc((lsn - '0/0'::pg_lsn - 1) / bytes)) as n) as segments
  from stopped
