import { event } from '@kit/message/message'
import Type from 'typebox'
import { Amount, CurrencyCode, PaymentMethod, PricedLine, Uuid } from '../fields.ts'

const sale = {
  purchase_id: Uuid,
  customer_id: Uuid,
  lines: Type.Array(PricedLine),
  amount: Amount,
  currency_code: CurrencyCode,
  /** `card` when absent. */
  payment_method: Type.Optional(PaymentMethod),
}

export const PurchaseCompleted = event('purchase.purchase-completed.v1', 'purchase_id', Type.Object(sale))

/** Told only after the last undo has been acknowledged. */
export const PurchaseFailed = event(
  'purchase.purchase-failed.v1',
  'purchase_id',
  Type.Object({
    ...sale,
    /** `refused`: somebody said no. `cancelled`: the payment provider was silent, or the order was cancelled. */
    outcome: Type.Union([Type.Literal('refused'), Type.Literal('cancelled')]),
    step: Type.String(),
    reason: Type.String(),
  }),
)
