import { randomUUID } from 'node:crypto'

/** A request that has the right form and cannot be fulfilled all the same, and what the answer names. */
export type Impossible = {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly pointer: string
}

/** `product` exists; nothing else that is named here does. */
export const impossible = (product: string): readonly Impossible[] => {
  const buy = (what: string, pointer: string, change: object, headers = {}): Impossible => ({
    what,
    pointer,
    headers,
    method: 'POST',
    path: '/api/v1/purchases',
    body: { order_items: [{ product_id: product, quantity: 1 }], payment: { currency_code: 'USD' }, ...change },
  })
  const unknownCategory = { category_id: randomUUID() }
  return [
    buy('a product that is none', '/order_items/0/product_id', {
      order_items: [{ product_id: randomUUID(), quantity: 1 }],
    }),
    buy('one product of two that is none', '/order_items/1/product_id', {
      order_items: [product, randomUUID()].map((product_id) => ({ product_id, quantity: 1 })),
    }),
    buy('a currency that the store does not take', '/payment/currency_code', { payment: { currency_code: 'XTS' } }),
    buy('a card that nobody issued', '/payment/card', { payment: { currency_code: 'USD', card: '4000000000000001' } }),
    ...['', ' ', 'x'.repeat(129), 'a,b', 'é'].map((key) =>
      buy(`the key ${JSON.stringify(key.slice(0, 9))}`, 'header: Idempotency-Key', {}, { 'idempotency-key': key }),
    ),
    ...(['POST', 'PUT'] as const).map((method) => ({
      what: `${method} a product of a category that is none`,
      method,
      path: '/api/v1/products',
      pointer: '/category_id',
      body: { id: product, name: 'Jib', price: 1, inventory: 1, ...unknownCategory },
    })),
    ...Object.entries(INJECTIONS).map(([query, name]) => ({
      what: query,
      method: 'GET',
      path: `/api/v1/products?${encodeURI(query)}`,
      pointer: `query: ${name}`,
    })),
  ]
}

const INJECTIONS: Readonly<Record<string, string>> = {
  'sort=price;drop table product': 'sort',
  'sort=-id,(select 1)': 'sort',
  "category_id=' or 1=1 --": 'category_id',
  'price_min=0 or 1=1': 'price_min',
  'limit=1e9': 'limit',
}
