-- contract: the last release does not read the table any more, see ADR 22
drop table visit_old
