-- $1 kept for so many seconds
select log.turn_segments($1::float8 * interval '1 second') as emptied
