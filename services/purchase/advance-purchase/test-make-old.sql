-- no parameters: as if every saga had begun a day ago
update saga set created_at = now() - interval '1 day'
