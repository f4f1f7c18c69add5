-- no parameters
select note_unwritten()
