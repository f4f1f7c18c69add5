-- Text is kept in NFC, in which it is also asked for. This brings what was stored before into that form: a thousand rows at a time,
-- each thousand committed, so that nobody waits long for one. Canonically it is the same text, so no version is counted.
create procedure compose() language plpgsql as $$
declare
  place uuid := '00000000-0000-0000-0000-000000000000';
  next  uuid[];
begin
  loop
    next := array(select id from product where id > place order by id limit 1000);
    exit when cardinality(next) = 0;
    update product
       set name = normalize(name), description = normalize(description), brand_name = normalize(brand_name)
     where id = any (next)
       and (name is not normalized or description is not normalized or brand_name is not normalized);
    place := next[cardinality(next)];
    commit;
  end loop;
  place := '00000000-0000-0000-0000-000000000000';
  loop
    next := array(select id from category where id > place order by id limit 1000);
    exit when cardinality(next) = 0;
    update category
       set name = normalize(name), description = normalize(description)
     where id = any (next)
       and (name is not normalized or description is not normalized);
    place := next[cardinality(next)];
    commit;
  end loop;
end
$$;
