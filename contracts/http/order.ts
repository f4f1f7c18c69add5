import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Amount, CardNumber, CurrencyCode, PaymentMethod, Timestamp, Uuid } from '../fields.ts'
import { LineAmount, Quantity, ShownPrice } from '../fields.ts'
import { IdempotencyKey } from '../headers.ts'
import { PageOf, pageQuery } from './page.ts'

const bought = { params: { id: '{purchase_id}' } }

const byId = Type.Object({ id: Uuid })

export const OrderStatus = Type.Enum(['pending', 'paid', 'completed', 'cancelled', 'partially-refunded', 'refunded'])

const order = Type.Object({
  id: { ...Uuid, description: 'The id of the purchase that the order came from.' },
  customer_id: Uuid,
  status: OrderStatus,
  reason: Type.Optional(Type.String({ description: 'Why it was cancelled.' })),
  products: Type.Array(
    Type.Object({
      id: Uuid,
      name: Type.String(),
      price: ShownPrice,
      quantity: Quantity,
      amount: LineAmount,
    }),
    { description: 'As agreed when the purchase was accepted; later changes of the products do not show here.' },
  ),
  amount: Amount,
  refunded: Type.Integer({ description: 'How much of it was given back.' }),
  currency_code: CurrencyCode,
  payment_method: PaymentMethod,
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const GetOrder = endpoint({
  method: 'GET',
  path: '/api/v1/orders/:id',
  summary: "Shows an order of the caller's. Somebody else's is answered like one that does not exist.",
  audience: 'account',
  params: byId,
  answer: order,
  problems: ['order-not-found'],
  examples: { order: bought },
})

export const ListOrders = endpoint({
  method: 'GET',
  path: '/api/v1/orders',
  summary: "Lists the caller's orders, newest first.",
  audience: 'account',
  query: Type.Object({
    // Clients from before write it in capitals: PARTIALLY_REFUNDED.
    status: Type.Optional(Type.Enum(OrderStatus.enum, { 'x-lower-case': true })),
    ...pageQuery,
  }),
  answer: PageOf(order),
})

export const ShowOrderHistory = endpoint({
  method: 'GET',
  path: '/api/v1/orders/:id/history',
  summary: "Shows everything that has happened to an order of the caller's, oldest first.",
  audience: 'account',
  params: byId,
  answer: Type.Object({
    id: Uuid,
    events: Type.Array(
      Type.Object({
        version: Type.Integer({ description: '1, 2, 3 … without gaps.' }),
        type: Type.String({ description: 'The name of the event: order.order-placed.v1' }),
        at: Timestamp,
        data: Type.Unknown({ description: 'What the event says; its form depends on its type.' }),
      }),
    ),
  }),
  problems: ['order-not-found'],
  examples: { order: bought },
})

export const PayOrder = endpoint({
  method: 'POST',
  path: '/api/v1/orders/:id/pay',
  summary: "Pays an order of the caller's by card. Asked again, whatever became of it since, it is not charged again.",
  audience: 'account',
  params: byId,
  body: Type.Object({ card: Type.Optional(CardNumber) }),
  answer: Type.Object({ id: Uuid }),
  status: 202,
  problems: ['order-not-found', 'order-cancelled', 'card-not-accepted'],
  examples: { card: { params: { id: '{oldest_unpaid_id}' }, body: { card: '4242 4242 4242 4242' } } },
})

export const CancelPendingOrder = endpoint({
  method: 'POST',
  path: '/api/v1/orders/:id/cancel',
  summary: "Cancels an order of the caller's that is not paid yet.",
  audience: 'account',
  params: byId,
  answer: order,
  problems: ['order-not-found', 'order-not-pending'],
  examples: { unpaid: { params: { id: '{newest_unpaid_id}' } } },
})

export const RefundPaidOrder = endpoint({
  method: 'POST',
  path: '/api/v1/orders/:id/refund',
  summary:
    'Gives money back: by the seller of all its products, or by an admin. Needs an Idempotency-Key; repeats with one are one refund.',
  audience: 'account',
  takesKey: true,
  params: byId,
  body: Type.Object({
    amount: Type.Optional({
      ...Amount,
      minimum: 1,
      description: 'Minor units; all that is left when absent, which may be nothing: then only units come back.',
    }),
    restock: Type.Optional(
      Type.Array(Type.Object({ product_id: Uuid, quantity: Quantity }), {
        maxItems: 100,
        description: 'Units that go back on the shelf; none when absent.',
      }),
    ),
  }),
  answer: Type.Object({ id: Uuid, refund_id: Uuid, amount: Amount, order: order }),
  status: 201,
  problems: ['order-not-found', 'order-not-paid', 'refund-too-large', 'idempotency-key-reused'],
  headers: Type.Object({ 'Idempotency-Key': IdempotencyKey }),
  examples: { part: { as: 'admin', ...bought, headers: { 'Idempotency-Key': 'refund-1' }, body: { amount: 100 } } },
})
