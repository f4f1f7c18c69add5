import { command, event } from '@kit/message/message'
import Type from 'typebox'
import { Amount, CurrencyCode, Uuid } from '../fields.ts'

/** A payment has the id of its purchase. The card is the provider's token: card data is never in a message. */
export const AuthorizePayment = command(
  'payment.authorize-payment.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    customer_id: Uuid,
    amount: Amount,
    currency_code: CurrencyCode,
    card_token: Type.Optional(Type.String()),
  }),
)
export const PaymentAuthorized = event(
  'payment.payment-authorized.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid }),
)
export const PaymentDeclined = event(
  'payment.payment-declined.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, reason: Type.String() }),
)

/** Takes the authorized money. */
export const CapturePayment = command('payment.capture-payment.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const PaymentCaptured = event(
  'payment.payment-captured.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, amount: Amount, currency_code: CurrencyCode }),
)
export const CaptureRefused = event(
  'payment.capture-refused.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, reason: Type.String() }),
)

/** Lets the authorized money go; with nothing authorized, a later AuthorizePayment of the purchase is declined. */
export const VoidPayment = command('payment.void-payment.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const PaymentVoided = event('payment.payment-voided.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Gives captured money back, all of it; what was never captured is voided instead. */
export const RefundPayment = command('payment.refund-payment.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const PaymentRefunded = event('payment.payment-refunded.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
