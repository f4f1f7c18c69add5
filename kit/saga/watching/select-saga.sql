-- $1 id uuid
select id, name, definition, status, step, created_at, updated_at, deadline, data, state, ended_at,
       entries_of(id) as history
  from saga where id = $1::uuid
