-- A message may also be kept back: this instance does not know it, one of another release does.
alter table dead_letter
  drop constraint dead_letter_state,
  add constraint dead_letter_state check (state in ('parked', 'behind', 'replay', 'kept-back')) not valid;
