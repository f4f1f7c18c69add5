-- $1 group, $2 id: of what has taken effect after it
select member, count(*)::int as messages, max(id)::int as last from seen where reader_group = $1 and id > $2 group by member
