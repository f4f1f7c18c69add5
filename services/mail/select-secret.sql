-- no parameters
select secret from link_secret where id = 1
