-- A capture may be given back in several parts: slots 3, 4, 5 …, each seeing all before it.
alter table ledger
  drop constraint ledger_kind,
  add constraint ledger_kind check (
    case slot
      when 1 then kind in ('authorized', 'declined')
      when 2 then kind in ('captured', 'voided')
      else slot > 2 and kind = 'refunded'
    end);
