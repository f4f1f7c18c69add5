-- outside a transaction
call compose();
