-- $1 types text[] that this instance knows
update dead_letter set state = 'replay' where state = 'kept-back' and envelope ->> 'type' = any ($1::text[])
