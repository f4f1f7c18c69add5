-- $1 purchase ids uuid[]
insert into ended_order (purchase_id)
select distinct purchase_id from unnest($1::uuid[]) as e (purchase_id)
    on conflict (purchase_id) do nothing
