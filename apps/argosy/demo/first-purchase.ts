import type { DemoShop } from './open-shop.ts'
import { readEvents } from './read-events.ts'

/** What happened to the demo's purchase. */
export type Told = {
  /** What the line of its history says. */
  readonly line: string
  /** Milliseconds since the purchase was accepted. */
  readonly at: number
}

/** Buys two products as the demo's customer, and tells every step of the purchase as it happens. Returns its id. */
export const buyFirst = async ({ customer, products }: DemoShop, tell: (told: Told) => void): Promise<string> => {
  const [one, two] = [products[0], products[products.length - 1]]
  const order_items = [one, two].flatMap((product) => (product ? [{ product_id: product.id, quantity: 1 }] : []))
  const began = performance.now()
  const { purchase_id } = await customer.post<{ purchase_id: string }>(
    '/api/v1/purchases',
    { order_items, payment: { currency_code: 'USD' } },
    { 'idempotency-key': 'demo-first-purchase' },
  )
  for await (const event of readEvents(await customer.open(`/api/v1/purchases/${purchase_id}/events`))) {
    tell({ line: JSON.stringify(event), at: performance.now() - began })
  }
  return purchase_id
}
