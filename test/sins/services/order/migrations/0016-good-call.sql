-- outside a transaction
call fill_notes()
