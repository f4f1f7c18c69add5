-- no parameters: as if every saga were old and its deadline over
update saga set created_at = now() - interval '1 day', deadline = now() - interval '1 second'
