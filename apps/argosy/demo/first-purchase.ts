import { historyLine } from '../terminal/history.ts'
import type { Told } from '../terminal/history.ts'
import type { DemoShop } from './open-shop.ts'
import { readEvents } from './read-events.ts'

export type Purchase = { readonly id: string; readonly status: string; readonly lines: number }

/** Buys two products as the demo's customer, and tells every step of the purchase as it happens. */
export const buyFirst = async ({ customer, products }: DemoShop, tell: (line: string) => void): Promise<Purchase> => {
  const bought = products.slice(0, 2)
  const { purchase_id } = await customer.post<{ purchase_id: string }>('/api/v1/purchases', {
    order_items: bought.map(({ id }) => ({ product_id: id, quantity: 1 })),
    payment: { currency_code: bought[0]?.currency_code },
  })
  let first: number | undefined
  let lines = 0
  let status = ''
  for await (const { event, data } of readEvents(await customer.open(`/api/v1/purchases/${purchase_id}/events`))) {
    const line = data as Told
    const at = new Date(line.at).getTime()
    first ??= at
    lines++
    status = event
    tell(historyLine(line, at - first))
  }
  return { id: purchase_id, status, lines }
}
