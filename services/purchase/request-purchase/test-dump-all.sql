-- no parameters: every table as one text
select (select json_agg(p)::text from purchase p) || (select json_agg(s)::text from saga s)
    || (select json_agg(o)::text from log.outbox o) as everything
