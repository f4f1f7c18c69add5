import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Amount, CurrencyCode, Quantity, Timestamp, Uuid } from '../fields.ts'

const byId = Type.Object({ id: Uuid })

export const OrderStatus = Type.Enum(['PENDING', 'PAID', 'COMPLETED', 'CANCELLED'])

const order = Type.Object({
  id: Type.String({ description: 'The id of the purchase that the order came from.' }),
  customer_id: Uuid,
  status: OrderStatus,
  reason: Type.Optional(Type.String({ description: 'Why it was cancelled.' })),
  products: Type.Array(
    Type.Object({
      id: Uuid,
      name: Type.String(),
      price: Amount,
      quantity: Quantity,
      amount: Type.Integer({ description: 'price * quantity' }),
    }),
    { description: 'As agreed when the purchase was accepted; later changes of the products do not show here.' },
  ),
  amount: Amount,
  currency_code: CurrencyCode,
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
})

export const ListOrders = endpoint({
  method: 'GET',
  path: '/api/v1/orders',
  summary: "Lists the caller's orders, newest first.",
  audience: 'account',
  query: Type.Object({
    status: Type.Optional(OrderStatus),
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
    cursor: Type.Optional(Type.String({ maxLength: 500, description: 'page.next of the page before' })),
  }),
  answer: Type.Object({
    data: Type.Array(order),
    page: Type.Object({ next: Type.Union([Type.String(), Type.Null()]), limit: Type.Integer() }),
  }),
})

export const GetOrderHistory = endpoint({
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
})
