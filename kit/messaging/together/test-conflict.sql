-- no parameters
do $$ begin raise exception 'as if another had written the row' using errcode = 'serialization_failure'; end $$
