-- no parameters
update dead_letter d set state = 'replay'
 where state = 'behind'
   and not exists (
       select 1 from dead_letter head
        where head.topic = d.topic and head.key = d.key and head.id < d.id and head.state in ('parked', 'kept-back'))
