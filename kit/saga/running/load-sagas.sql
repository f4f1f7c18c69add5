-- $1 name, $2 ids uuid[]
-- why: no lock. Two writers of one saga (a reply, a deadline) are rare, and the version in save_sagas keeps them apart; a
-- row lock per reply would be written to the page and the log each time. The offset keeps the plan to one look-up per id.
select s.id, s.data, s.state, s.version, s.definition
  from unnest($2::uuid[]) as wanted (id)
 cross join lateral (
       select id, data, state, version, definition
         from saga
        where saga.id = wanted.id and saga.name = $1
       offset 0) s
