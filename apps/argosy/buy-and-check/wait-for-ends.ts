import { setTimeout as delay } from 'node:timers/promises'
import type { ShopClient } from '../demo/shop-client.ts'
import type { Bought } from './fire.ts'
import { pages } from './pages.ts'

export type Purchase = {
  readonly purchase_id: string
  readonly status: 'pending' | 'completed' | 'refused' | 'cancelled'
  readonly amount: number
}

/** Between two looks at the customer's purchases. */
const PAUSE = 250

/** Returns the customer's purchases once every accepted one has ended. Throws when one is missing. */
export const waitForEnds = async (customer: ShopClient, bought: readonly Bought[]): Promise<readonly Purchase[]> => {
  for (;;) {
    const purchases: Purchase[] = []
    for await (const purchase of pages<Purchase>(customer, '/api/v1/purchases')) purchases.push(purchase)
    const known = new Set(purchases.map(({ purchase_id }) => purchase_id))
    const lost = bought.find(({ purchase_id }) => !known.has(purchase_id))
    if (lost !== undefined) throw new Error(`purchase ${lost.purchase_id} was accepted and is not there`)
    if (purchases.every(({ status }) => status !== 'pending')) return purchases
    await delay(PAUSE)
  }
}
