-- $1 reader text, $2 projection text, $3 facts text, $4 after text, $5 told bigint, $6 all is told boolean
update facts_telling
   set facts = $3, after_key = $4, told = $5, done_at = case when $6::boolean then now() end
 where reader = $1 and projection = $2
