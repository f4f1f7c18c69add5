-- no parameters
-- Who takes part in a failover: neither a base backup under way nor somebody who reads changes.
select sync_state
  from pg_stat_replication r
 where state is distinct from 'backup'
   and not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
