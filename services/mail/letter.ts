import { job } from '@kit/jobs/job'
import { PricedLine, Amount, CurrencyCode, Timestamp, Uuid } from '@argosy/contracts/fields'
import Type from 'typebox'
import type { Static } from 'typebox'

const bought = { purchase_id: Uuid, lines: Type.Array(PricedLine), amount: Amount, currency_code: CurrencyCode }

/** What a letter says; `template` is the name of its pair of files in `templates/`. */
export const Letter = Type.Union([
  Type.Object({ template: Type.Literal('verification'), code_id: Uuid, code: Type.String(), expires_at: Timestamp }),
  Type.Object({ template: Type.Literal('welcome'), account_id: Uuid }),
  Type.Object({ template: Type.Literal('purchase-completed'), ...bought }),
  Type.Object({ template: Type.Literal('purchase-refused'), ...bought, reason: Type.String() }),
  Type.Object({ template: Type.Literal('purchase-cancelled'), ...bought, reason: Type.String() }),
])
export type Letter = Static<typeof Letter>

const Recipient = Type.Object({ email: Type.String(), first_name: Type.String() })
export type Recipient = Static<typeof Recipient>

/** A letter and whom it goes to. */
export type Addressed = { readonly account_id: string; readonly to: Recipient; readonly letter: Letter }

/** Work of the mail service: one letter, sent once for each dedupe key. `about` is the id its cause was keyed by. */
export const SendLetter = job(
  'mail.send-letter',
  'about',
  Type.Object({
    about: Uuid,
    account_id: Uuid,
    /** Absent while the account is not known here yet; the worker looks again. */
    to: Type.Optional(Recipient),
    letter: Letter,
  }),
)

/** What makes two letters the same: the template and what it is about. */
export const dedupeKey = (letter: Letter): string => {
  switch (letter.template) {
    case 'verification':
      return `verification/${letter.code_id}`
    case 'welcome':
      return `welcome/${letter.account_id}`
    case 'purchase-completed':
    case 'purchase-refused':
    case 'purchase-cancelled':
      return `${letter.template}/${letter.purchase_id}`
  }
}
