import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Amount, CurrencyCode, Timestamp, Uuid } from '../fields.ts'

const payment = Type.Object({
  id: Type.String({ description: 'The id of the purchase that is paid.' }),
  customer_id: Uuid,
  amount: Amount,
  currency: CurrencyCode,
  status: Type.Enum([
    'authorizing',
    'authorized',
    'declined',
    'capturing',
    'captured',
    'voiding',
    'voided',
    'refunding',
    'refunded',
  ]),
  reason: Type.Optional(Type.String({ description: 'Why the provider refused.' })),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const GetPayment = endpoint({
  method: 'GET',
  path: '/api/v1/payments/:id',
  summary: "Shows a payment of the caller's. Somebody else's is answered like one that does not exist.",
  audience: 'account',
  params: Type.Object({ id: Uuid }),
  answer: payment,
  problems: ['payment-not-found'],
})

export const ListPayments = endpoint({
  method: 'GET',
  path: '/api/v1/payments',
  summary: "Lists the caller's payments, newest first.",
  audience: 'account',
  query: Type.Object({
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
    cursor: Type.Optional(Type.String({ maxLength: 500, description: 'page.next of the page before' })),
  }),
  answer: Type.Object({
    data: Type.Array(payment),
    page: Type.Object({ next: Type.Union([Type.String(), Type.Null()]), limit: Type.Integer() }),
  }),
})
