import assert from 'node:assert/strict'
import { assertAllCompleted } from './faults-shop.ts'
import type { Actors } from './scenario.ts'
import { buySteadily } from './steady-load.ts'

export type Sale = {
  readonly actors: Actors
  /** Where the books are. */
  readonly databaseUrl: string
  /** Purchases a second. */
  readonly perSecond: number
  /** Ms that purchases have to end, once it is over. */
  readonly patience?: number
}

/** Buys at a steady pace while something happens: each purchase is accepted, and completes during it or after. */
export const completedThrough = async (
  { actors, databaseUrl, perSecond, patience = 60_000 }: Sale,
  happen: () => Promise<void>,
): Promise<void> => {
  const { shop, buyer, seller } = actors
  // None is refused for want of stock: what is not paid for yet keeps its units.
  const product = await shop.product(seller, await shop.category(seller), { inventory: 1_000_000 })
  await using load = buySteadily({ shop: () => shop, buyer, products: [product], perSecond })
  try {
    await happen()
  } finally {
    await load.stop()
    actors.accepted.push(...load.accepted.map(({ id }) => id))
  }
  assert.deepEqual(Object.fromEntries(load.refusals), {})
  await assertAllCompleted(databaseUrl, load.accepted, patience)
}
