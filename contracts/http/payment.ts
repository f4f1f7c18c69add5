import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Amount, CurrencyCode, Timestamp, Uuid } from '../fields.ts'
import { formerly } from '../formerly.ts'
import { IdempotencyKey } from '../headers.ts'
import { PageOf, pageQuery } from './page.ts'

const payment = Type.Object({
  id: { ...Uuid, description: 'The id of the purchase that is paid.' },
  customer_id: Uuid,
  amount: Amount,
  currency_code: CurrencyCode,
  currency: { ...CurrencyCode, ...formerly('currency_code') },
  refunded: Type.Integer({ description: 'Minor units that were given back after the capture.' }),
  status: Type.Enum([
    'pending',
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
  examples: { payment: { params: { id: '{purchase_id}' } } },
})

export const ListPayments = endpoint({
  method: 'GET',
  path: '/api/v1/payments',
  summary: "Lists the caller's payments, newest first.",
  audience: 'account',
  query: Type.Object(pageQuery),
  answer: PageOf(payment),
})

/** What the provider says when it holds money for a payment: a transfer has come. */
export const AuthorizedByProvider = Type.Object({
  reference: { ...Uuid, description: 'The id of the purchase.' },
  authorization: Type.String({ minLength: 1, maxLength: 200, description: "The provider's own name of it." }),
  amount: Amount,
  currency_code: CurrencyCode,
})

/** Without one the answer is webhook-not-signed, as for a wrong one. */
const signed = (description: string) => Type.Optional(Type.String({ description }))

export const ReceiveSandboxWebhook = endpoint({
  method: 'POST',
  path: '/api/v1/payments/webhooks/sandbox',
  summary:
    'Takes what the payment provider tells, signed as Standard Webhooks wants it. Acknowledged at once and applied after that.',
  audience: 'anyone',
  rawBody: true,
  body: Type.Object({
    type: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'payment.authorized; others are stored and passed over.',
    }),
    timestamp: Type.Optional(Type.String({ maxLength: 100, description: 'When it happened; however long ago.' })),
    data: Type.Object({}, { description: 'Of payment.authorized: reference, authorization, amount, currency_code.' }),
  }),
  answer: Type.Object({ received: Type.String({ description: 'The id of the event.' }) }),
  status: 202,
  problems: ['webhook-not-signed', 'webhook-replayed'],
  headers: Type.Object({
    'webhook-id': signed('The id of the event: the same in every delivery of it.'),
    'webhook-timestamp': signed('When it was signed, in seconds since 1970; at most five minutes off.'),
    'webhook-signature': signed('v1, and the signature over id, time and body; several with blanks between.'),
  }),
  examples: {
    transfer: {
      headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': '1767225600', 'webhook-signature': 'v1,bm90IHNpZ25lZA==' },
      body: {
        type: 'payment.authorized',
        data: { reference: '{oldest_unpaid_id}', authorization: 'tr_1', amount: 6_900, currency_code: 'USD' },
      },
    },
  },
})

export const PlayTransfer = endpoint({
  method: 'POST',
  path: '/api/v1/payments/sandbox/transfers',
  summary:
    "Plays the customer's bank, with the sandbox as provider: the money is sent, and the answer is what to post to the webhook. Repeats with one Idempotency-Key are one transfer.",
  audience: 'account',
  takesKey: true,
  body: Type.Object({
    purchase_id: Uuid,
    amount: Type.Optional({ ...Amount, description: 'Another sum than is to be paid, by mistake.' }),
  }),
  answer: Type.Object({
    headers: Type.Object({
      'webhook-id': Type.String(),
      'webhook-timestamp': Type.String(),
      'webhook-signature': Type.String(),
    }),
    body: Type.String({ description: 'To be posted as it is: the signature is over its bytes.' }),
  }),
  status: 201,
  problems: ['payment-not-found'],
  headers: Type.Object({ 'Idempotency-Key': Type.Optional(IdempotencyKey) }),
  examples: {
    transfer: { headers: { 'Idempotency-Key': 'transfer-1' }, body: { purchase_id: '{oldest_unpaid_id}' } },
  },
})
