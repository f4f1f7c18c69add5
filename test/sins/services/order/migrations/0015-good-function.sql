create or replace function end_orders(ids uuid[]) returns void language plpgsql as $$
begin
  update orders set note = 'ended' where id = any(ids);
  delete from parcel where order_id = any(ids);
end $$;
create function count_orders() returns bigint language sql begin atomic select count(*) from orders; end;
create procedure fill_notes() language plpgsql as $body$ begin commit; end $body$
