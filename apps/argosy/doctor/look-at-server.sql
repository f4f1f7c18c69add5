-- no parameters
select current_setting('server_version_num')::int as version, clock_timestamp() as now
