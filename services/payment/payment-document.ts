import type { GetPayment } from '@argosy/contracts/http/payment'
import type { AnswerOf } from '@kit/http/endpoint'
import type { PaymentRow } from './payment-rows.ts'

type PaymentAnswer = AnswerOf<typeof GetPayment>

/** A payment that somebody was to pay. */
export type ShownRow = Pick<PaymentRow, 'purchase_id' | 'state' | 'reason'> & {
  readonly customer_id: string
  readonly amount: number
  readonly currency_code: string
  /** To be given back in parts, all in all. */
  readonly asked: number
  /** What of that has gone back. */
  readonly issued: number
  readonly created_at: Date
  readonly updated_at: Date
}

/** What a customer reads of a payment. */
export const paymentDocument = (row: ShownRow): PaymentAnswer => ({
  id: row.purchase_id,
  customer_id: row.customer_id,
  amount: row.amount,
  currency_code: row.currency_code,
  currency: row.currency_code,
  refunded: row.state === 'refunded' ? row.amount : row.issued,
  status: statusOf(row),
  ...(row.reason === null ? {} : { reason: row.reason }),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

/** Customers need not know what is waited for before money can be given back. */
const statusOf = ({ state, amount, asked, issued }: ShownRow): PaymentAnswer['status'] => {
  switch (state) {
    case 'captured':
      if (asked === 0 || asked < amount) return state
      return issued === amount ? 'refunded' : 'refunding'
    case 'cancelling':
      return 'voiding'
    case 'returning':
      return 'refunding'
    case 'uncaptured':
      return 'authorized'
    case 'pending':
    case 'authorizing':
    case 'authorized':
    case 'declined':
    case 'capturing':
    case 'voiding':
    case 'voided':
    case 'refunding':
    case 'refunded':
      return state
  }
}
