import { command, event } from '@kit/message/message'
import Type from 'typebox'
import { Amount, CurrencyCode, PaymentMethod, Uuid } from '../fields.ts'

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
    /** `card` when absent. */
    payment_method: Type.Optional(PaymentMethod),
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

/**
 * The provider has not answered a call for so long that nobody should wait for it any more; whether it has done what it
 * was asked is unknown. It goes on being asked, so that a void or a refund learns what there is to give back. Told
 * again until the payment is called off or an answer comes. Never told of what is paid later: there the customer may
 * pay otherwise.
 */
export const ProviderSilent = event(
  'payment.provider-silent.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, operation: Type.Enum(['authorize', 'capture']) }),
)

/** Lets the authorized money go; with nothing authorized, a later AuthorizePayment of the purchase is declined. */
export const VoidPayment = command('payment.void-payment.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const PaymentVoided = event('payment.payment-voided.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Gives captured money back, all of it; what was never captured is voided instead. */
export const RefundPayment = command('payment.refund-payment.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const PaymentRefunded = event('payment.payment-refunded.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Nothing is asked of the provider yet: the customer pays later, by transfer or by PayOrder. PaymentAuthorized follows then. */
export const PaymentPending = event('payment.payment-pending.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Pays what is pending by card; after a try that is under way, should that be declined. Nothing happens once it is paid or off. */
export const PayPending = command(
  'payment.pay-pending.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, card_token: Type.Optional(Type.String()) }),
)

/** A try to pay what is pending did not go through; it stays pending. */
export const PaymentTryDeclined = event(
  'payment.payment-try-declined.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    customer_id: Uuid,
    /** Which try it was, counted from 1. */
    number: Type.Integer({ minimum: 1 }),
    amount: Amount,
    currency_code: CurrencyCode,
    reason: Type.String(),
  }),
)

/** Gives back part of what was captured; the same refund_id asked twice is one refund. */
export const IssueRefund = command(
  'payment.issue-refund.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, refund_id: Uuid, amount: Amount }),
)

export const RefundIssued = event(
  'payment.refund-issued.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, customer_id: Uuid, refund_id: Uuid, amount: Amount, currency_code: CurrencyCode }),
)
