-- $1 projection text
select owner, id, asked_at, read_at, told from facts_asking where projection = $1 order by owner
