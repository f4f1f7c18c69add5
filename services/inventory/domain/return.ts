import type { ReturnStock } from '@argosy/contracts/messages/inventory'
import type { DataOf } from '@kit/message/message'
import type { Line, Reservation } from './books.ts'
import { ImpossibleCommand } from './reservation.ts'

/** Sold units of one purchase that came back with one refund. */
export type Return = { readonly purchase_id: string; readonly refund_id: string; readonly lines: readonly Line[] }

/** Units of one product that came back together, and of which purchases. */
export type Delivery = {
  readonly product_id: string
  readonly quantity: number
  readonly purchase_ids: readonly string[]
}

type Asked = DataOf<typeof ReturnStock>

/**
 * Which of the returns that are asked for are new, given those that were made. Throws ImpossibleCommand when more would come
 * back than was sold: the order allows no such refund, so that is a fault and no answer.
 */
export const newReturns = (
  reservations: Iterable<Reservation>,
  made: readonly Return[],
  asked: readonly Asked[],
): readonly Return[] => {
  const known = new Set(made.map(({ refund_id }) => refund_id))
  const out = outsideOf(reservations, made)
  const fresh: Return[] = []
  for (const one of asked) {
    if (known.has(one.refund_id)) continue
    known.add(one.refund_id)
    const { purchase_id } = one
    for (const { product_id, quantity } of one.lines) {
      const place = `${purchase_id} ${product_id}`
      const left = (out.get(place) ?? 0) - quantity
      if (left < 0)
        throw new ImpossibleCommand(`more of ${product_id} would come back than purchase ${purchase_id} bought`)
      out.set(place, left)
    }
    fresh.push(one)
  }
  return fresh
}

/** What comes back of each product, over all returns. */
export const deliveriesOf = (returns: readonly Return[]): readonly Delivery[] => {
  const back = new Map<string, { quantity: number; purchases: Set<string> }>()
  for (const { purchase_id, lines } of returns) {
    for (const { product_id, quantity } of lines) {
      const delivery = back.get(product_id) ?? { quantity: 0, purchases: new Set() }
      delivery.quantity += quantity
      delivery.purchases.add(purchase_id)
      back.set(product_id, delivery)
    }
  }
  return Array.from(back, ([product_id, { quantity, purchases }]) => ({
    product_id,
    quantity,
    purchase_ids: [...purchases],
  }))
}

/** Units that are with customers, by purchase and product. */
const outsideOf = (reservations: Iterable<Reservation>, made: readonly Return[]): Map<string, number> => {
  const out = new Map<string, number>()
  const add = (purchase_id: string, lines: readonly Line[], sign: number): void => {
    for (const { product_id, quantity } of lines) {
      const place = `${purchase_id} ${product_id}`
      out.set(place, (out.get(place) ?? 0) + sign * quantity)
    }
  }
  for (const { purchase_id, state, lines } of reservations) if (state === 'committed') add(purchase_id, lines, 1)
  for (const { purchase_id, lines } of made) add(purchase_id, lines, -1)
  return out
}
