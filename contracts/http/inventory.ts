import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Quantity, Timestamp, Uuid } from '../fields.ts'
import { IdempotencyKey } from '../headers.ts'
import { PageOf, pageQuery } from './page.ts'

/** Units in stock, 0 to a thousand million. */
export const StockCount = Type.Integer({ minimum: 0, maximum: 1_000_000_000 })

const byProduct = Type.Object({ product_id: Uuid })

const theProduct = { params: { product_id: '{product_id}' } }

const asked = { id: '{product_id}', quantity: 2 }

const question = { id: Uuid, quantity: Quantity }

const checked = Type.Object({ valid: Type.Boolean({ description: 'Whether so many can be bought now.' }) })

export const CheckStock = endpoint({
  method: 'GET',
  path: '/api/v1/products/check',
  summary: 'Tells whether a quantity of a product can be bought now.',
  audience: 'anyone',
  query: Type.Object(question),
  answer: checked,
  examples: { two: { query: asked } },
})

export const CheckStockByBody = endpoint({
  method: 'POST',
  path: '/api/v1/products/check',
  summary: 'The same question with a body.',
  audience: 'anyone',
  body: Type.Object(question),
  answer: checked,
  examples: { two: { body: asked } },
})

const inventory = Type.Object({
  product_id: Uuid,
  on_hand: Type.Integer({ description: 'Units in the house.' }),
  reserved: Type.Integer({ description: 'Of these, promised to purchases under way.' }),
  available: Type.Integer({ description: 'on_hand - reserved: what can be bought.' }),
  updated_at: Timestamp,
})

export const GetStock = endpoint({
  method: 'GET',
  path: '/api/v1/inventory/:product_id',
  summary: 'Shows the stock of a product.',
  audience: 'anyone',
  params: byProduct,
  answer: Type.Object({ inventory }),
  problems: ['product-not-found'],
  examples: { product: theProduct },
})

export const AdjustStock = endpoint({
  method: 'POST',
  path: '/api/v1/inventory/:product_id/adjust',
  summary: 'Adds units or takes them away, by the owner of the product or an admin. An Idempotency-Key is honoured.',
  audience: 'account',
  takesKey: true,
  params: byProduct,
  body: Type.Object({
    delta: Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 }),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  }),
  answer: Type.Object({ inventory }),
  problems: ['product-not-found', 'stock-below-reserved', 'stock-above-limit', 'idempotency-key-reused'],
  headers: Type.Object({ 'Idempotency-Key': Type.Optional(IdempotencyKey) }),
  examples: {
    delivery: {
      as: 'seller',
      ...theProduct,
      headers: { 'Idempotency-Key': 'delivery-1' },
      body: { delta: 10, reason: 'Delivery' },
    },
  },
})

export const ListMovements = endpoint({
  method: 'GET',
  path: '/api/v1/inventory/:product_id/movements',
  summary: 'Lists what came and went, newest first, for the owner of the product or an admin.',
  audience: 'account',
  params: byProduct,
  query: Type.Object(pageQuery),
  answer: PageOf(
    Type.Object({
      id: Type.Integer(),
      kind: Type.Enum(['opened', 'counted', 'adjusted', 'sold', 'returned']),
      delta: Type.Integer(),
      on_hand: Type.Integer({ description: 'After it.' }),
      reason: Type.Optional(Type.String()),
      purchases: Type.Optional(Type.Integer({ description: 'Sold or returned: of how many purchases at once.' })),
      at: Timestamp,
    }),
  ),
  problems: ['product-not-found'],
  examples: { product: { as: 'seller', ...theProduct } },
})
