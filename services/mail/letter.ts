import { job } from '@kit/jobs/job'
import { Amount, CurrencyCode, PaymentMethod, PricedLine, Timestamp, Uuid } from '@argosy/contracts/fields'
import Type from 'typebox'
import type { Static } from 'typebox'

const sum = { purchase_id: Uuid, amount: Amount, currency_code: CurrencyCode }
const bought = { ...sum, lines: Type.Array(PricedLine) }

/** What a letter says; `template` is the name of its pair of files in `templates/`. */
export const Letter = Type.Union([
  Type.Object({ template: Type.Literal('verification'), code_id: Uuid, code: Type.String(), expires_at: Timestamp }),
  Type.Object({ template: Type.Literal('welcome'), account_id: Uuid }),
  Type.Object({ template: Type.Literal('purchase-completed'), ...bought }),
  Type.Object({ template: Type.Literal('payment-received'), ...bought }),
  Type.Object({ template: Type.Literal('purchase-refused'), ...bought, reason: Type.String() }),
  Type.Object({
    template: Type.Literal('purchase-cancelled'),
    ...bought,
    reason: Type.String(),
    payment_method: Type.Optional(PaymentMethod),
  }),
  Type.Object({
    template: Type.Literal('payment-reminder'),
    ...bought,
    number: Type.Integer({ minimum: 1 }),
    expires_at: Timestamp,
  }),
  Type.Object({
    template: Type.Literal('payment-declined'),
    ...sum,
    number: Type.Integer({ minimum: 1 }),
    reason: Type.String(),
  }),
  Type.Object({ template: Type.Literal('refund'), ...sum, refund_id: Uuid }),
])
export type Letter = Static<typeof Letter>
export type Template = Letter['template']

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
    case 'payment-received':
    case 'purchase-refused':
    case 'purchase-cancelled':
      return `${letter.template}/${letter.purchase_id}`
    case 'payment-reminder':
    case 'payment-declined':
      return `${letter.template}/${letter.purchase_id}/${letter.number}`
    case 'refund':
      return `refund/${letter.refund_id}`
  }
}

/** The purchase that a letter tells of, if any. */
export const purchaseOf = (letter: Letter): string | undefined =>
  'purchase_id' in letter ? letter.purchase_id : undefined
