import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Amount, CardNumber, CurrencyCode, PaymentMethod, Timestamp, Uuid } from '../fields.ts'
import { LineAmount, PricedLine, Quantity } from '../fields.ts'
import { formerly } from '../formerly.ts'
import { IdempotencyKey, LastEventId, Location } from '../headers.ts'
import { PageOf, pageQuery } from './page.ts'

const byPurchase = Type.Object({ id: Uuid })

const bought = { params: { id: '{purchase_id}' } }

const order_items = [{ product_id: '{product_id}', quantity: 1 }]

/** What is bought is a purchase from its first answer on. */
const identity = {
  id: Uuid,
  purchase_id: { ...Uuid, ...formerly('id') },
  created_at: Timestamp,
  timestamp: { ...Timestamp, ...formerly('created_at') },
}

const Accepted = Type.Object({ ...identity, status: Type.Literal('pending') })

export const RequestPurchase = endpoint({
  method: 'POST',
  path: '/api/v1/purchases',
  summary: 'Buys products at their present prices. Answers at once; the result comes by GET and by events.',
  audience: 'account',
  takesKey: true,
  body: Type.Object({
    order_items: Type.Array(Type.Object({ product_id: Uuid, quantity: Quantity }), { minItems: 1, maxItems: 100 }),
    payment: Type.Object({
      currency_code: {
        ...CurrencyCode,
        description:
          'An active currency of ISO 4217: the one that the products are priced in, or one that the store has a rate for.',
      },
      method: Type.Optional({
        ...PaymentMethod,
        description: 'card, when absent, pays at once. transfer pays later: the stock is kept until the order expires.',
      }),
      card: Type.Optional(CardNumber),
    }),
  }),
  answer: Accepted,
  status: 201,
  problems: [
    'unknown-product',
    'currency-not-accepted',
    'amount-too-large',
    'card-not-accepted',
    'request-in-flight',
    'idempotency-key-reused',
    'busy',
  ],
  headers: Type.Object({ 'Idempotency-Key': Type.Optional(IdempotencyKey) }),
  answerHeaders: Type.Object({ Location }),
  examples: {
    card: { body: { order_items, payment: { currency_code: 'USD', card: '4242424242424242' } } },
    transfer: { body: { order_items, payment: { currency_code: 'USD', method: 'transfer' } } },
  },
})

const Purchase = Type.Object({
  ...identity,
  status: Type.Enum(['pending', 'completed', 'refused', 'cancelled']),
  step: Type.String({
    description:
      'Where it stands, or where it failed; empty when completed. One that is paid later stands at authorize payment.',
  }),
  reason: Type.Optional(Type.String({ description: 'Why it was refused or cancelled.' })),
  lines: Type.Array(Type.Object({ ...PricedLine.properties, amount: LineAmount })),
  amount: { ...Amount, description: 'The sum of the amounts of the lines.' },
  currency_code: CurrencyCode,
  rates: Type.Optional(
    Type.Record(Type.String(), Type.Number(), {
      description:
        'For prices in other currencies: what one unit of it was worth in the currency of the purchase. To be shown: the nearest number that JSON readers can hold, where the amounts come from the exact ratio.',
    }),
  ),
  payment_method: PaymentMethod,
  updated_at: Timestamp,
})

export const GetPurchase = endpoint({
  method: 'GET',
  path: '/api/v1/purchases/:id',
  summary: "Shows one of the caller's own purchases.",
  audience: 'account',
  params: byPurchase,
  answer: Purchase,
  problems: ['purchase-not-found'],
  examples: { purchase: bought },
})

export const ListPurchases = endpoint({
  method: 'GET',
  path: '/api/v1/purchases',
  summary: "Lists the caller's own purchases, newest first.",
  audience: 'account',
  query: Type.Object(pageQuery),
  answer: PageOf(Purchase),
})

const HistoryLine = Type.Object({
  n: Type.Integer({ description: 'Counted from 1; also the id of the event.' }),
  at: Timestamp,
  what: Type.Enum([
    'asked',
    'done',
    'refused',
    'resting',
    'called-off',
    'timed-out',
    'undo-asked',
    'undone',
    'ignored',
    'retried',
    'ended',
  ]),
  step: Type.String(),
  detail: Type.Optional(Type.String({ description: 'The attempt, the reason, the ignored message, or how it ended.' })),
})

export const ShowPurchaseHistory = endpoint({
  method: 'GET',
  path: '/api/v1/purchases/:id/history',
  summary: 'Tells the whole story of a purchase: every step, attempt, answer and undo.',
  audience: 'account',
  params: byPurchase,
  answer: Type.Object({ purchase_id: Uuid, history: Type.Array(HistoryLine) }),
  problems: ['purchase-not-found'],
  examples: { purchase: bought },
})

export const WatchPurchase = endpoint({
  method: 'GET',
  path: '/api/v1/purchases/:id/events',
  summary:
    'The same story as server-sent events, as it happens; named by what, the last one completed, refused or cancelled.',
  audience: 'account',
  params: byPurchase,
  answer: HistoryLine,
  problems: ['purchase-not-found'],
  type: 'text/event-stream',
  headers: Type.Object({ 'Last-Event-ID': Type.Optional(LastEventId) }),
  empty: { 204: 'It has ended, and you have seen its last event: there is no need to come back.' },
  examples: { purchase: bought },
})
