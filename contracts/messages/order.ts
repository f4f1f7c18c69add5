import { command, event } from '@kit/message/message'
import Type from 'typebox'
import { Amount, CurrencyCode, PricedLine, Uuid } from '../fields.ts'

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

/** A command that the order's state does not allow; `command` is its type. */
export const OrderRefused = event(
  'order.order-refused.v1',
  'purchase_id',
  Type.Object({ purchase_id: Uuid, command: Type.String(), reason: Type.String() }),
)
