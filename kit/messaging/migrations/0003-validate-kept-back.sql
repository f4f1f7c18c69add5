-- Apart from the file before, for it looks at every row: nobody waits for that.
alter table dead_letter validate constraint dead_letter_state;
