-- $1 asking uuid
select told, done_at from facts_telling where asking = $1::uuid
