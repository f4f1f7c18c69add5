import { command, event } from '@kit/message/message'
import Type from 'typebox'
import { Amount, CurrencyCode, PaymentMethod, PricedLine, Quantity, Timestamp, Uuid } from '../fields.ts'

/** An order has the id of the purchase that it came from. */
export const PlaceOrder = command(
  'order.place-order.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    customer_id: Uuid,
    lines: Type.Array(PricedLine),
    amount: Amount,
    currency_code: CurrencyCode,
    /** `card` when absent. */
    payment_method: Type.Optional(PaymentMethod),
  }),
)

export const OrderPlaced = event(
  'order.order-placed.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    customer_id: Uuid,
    lines: Type.Array(PricedLine),
    amount: Amount,
    currency_code: CurrencyCode,
    /** `card` when absent. */
    payment_method: Type.Optional(PaymentMethod),
  }),
)

/** The payment is authorized. */
export const MarkPaid = command('order.mark-paid.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const OrderPaid = event('order.order-paid.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Money is taken and goods are committed. */
export const CompleteOrder = command('order.complete-order.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))
export const OrderCompleted = event('order.order-completed.v1', 'purchase_id', Type.Object({ purchase_id: Uuid }))

/** Also for an order that was never placed: a later PlaceOrder of the purchase is then refused. */
export const CancelOrder = command(
  'order.cancel-order.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, reason: Type.String() }),
)
export const OrderCancelled = event(
  'order.order-cancelled.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, reason: Type.String() }),
)

/** A command that the order's state does not allow; `command` is its type. Of a cancelled order, why it was cancelled. */
export const OrderRefused = event(
  'order.order-refused.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, command: Type.String(), reason: Type.String() }),
)

const restock = Type.Array(Type.Object({ product_id: Uuid, quantity: Quantity }))

export const OrderRefunded = event(
  'order.order-refunded.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    refund_id: Uuid,
    amount: Amount,
    restock,
    /** What is left of what was paid. */
    remaining: Amount,
  }),
)

/** The order is still to be paid. Not part of its stream: nothing of the order changes. */
export const PaymentReminded = event(
  'order.payment-reminded.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    customer_id: Uuid,
    /** 1, 2, 3: which of the configured reminders this is; some may have been skipped. */
    number: Type.Integer({ minimum: 1 }),
    lines: Type.Array(PricedLine),
    amount: Amount,
    currency_code: CurrencyCode,
    /** When the order will be cancelled unless it is paid. */
    expires_at: Timestamp,
  }),
)

/**
 * How an order stands now. Told to those who ask for all facts; what happens to an order is told by the events above.
 */
export const OrderUpdated = event(
  'order.order-updated.v1',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    customer_id: Uuid,
    status: Type.Union([
      Type.Literal('PENDING'),
      Type.Literal('PAID'),
      Type.Literal('COMPLETED'),
      Type.Literal('CANCELLED'),
      Type.Literal('PARTIALLY_REFUNDED'),
      Type.Literal('REFUNDED'),
    ]),
    /** Why it is cancelled. */
    reason: Type.Optional(Type.String()),
    payment_method: PaymentMethod,
    lines: Type.Array(PricedLine),
    /** What was agreed; `refunded` of it has gone back. */
    amount: Amount,
    refunded: Amount,
    currency_code: CurrencyCode,
    placed_at: Timestamp,
    updated_at: Timestamp,
  }),
)
