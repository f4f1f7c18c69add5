import { randomUUID } from 'node:crypto'
import type { Product, Stage } from './prepare.ts'
import { eachOf } from './each-of.ts'

export type Bought = {
  readonly purchase_id: string
  readonly lines: readonly { readonly product: Product; readonly quantity: number }[]
}

/** Fires purchases of two lines, `concurrency` at a time. Each is accepted or this throws. */
export const fire = async (
  { customer, products }: Stage,
  count: number,
  concurrency: number,
): Promise<readonly Bought[]> => {
  const bought: Bought[] = []
  await eachOf(
    Array.from({ length: count }, (_, n) => n),
    concurrency,
    async (n) => {
      const lines = [n, n + 1].flatMap((i, place) => {
        const product = products[i % products.length]
        return product ? [{ product, quantity: place + 1 }] : []
      })
      const order_items = lines.map(({ product, quantity }) => ({ product_id: product.id, quantity }))
      const { purchase_id } = await customer.post<{ purchase_id: string }>(
        '/api/v1/purchases',
        { order_items, payment: { currency_code: products[0]?.currency_code } },
        { 'idempotency-key': randomUUID() },
      )
      bought.push({ purchase_id, lines })
    },
  )
  return bought
}
