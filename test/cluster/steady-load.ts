import { setTimeout as sleep } from 'node:timers/promises'
import type { Person, Product, Shop } from '../fleet/shop.ts'
import { openBooks } from '../laws/books.ts'
import { beginSteadily } from './steadily.ts'

export type LoadOptions = {
  /** Customers go to the one that they get, in turn. Asked for each purchase: it may have moved. */
  readonly shop: (n: number) => Shop
  readonly buyer: Person
  readonly products: readonly Product[]
  readonly perSecond: number
}

export type Accepted = { readonly id: string; readonly at: number }

/** Purchases that begin at a steady pace, whatever becomes of those before them. */
export type Load = AsyncDisposable & {
  readonly accepted: readonly Accepted[]
  /** Requests without an answer, or with one that says "not now": they may have become purchases. */
  readonly unanswered: () => number
  /** How often each other answer came. */
  readonly refusals: ReadonlyMap<string, number>
  /** Begins no more; resolves when the last is answered or given up. */
  readonly stop: () => Promise<void>
}

/** Ms in which a customer wants an answer. */
const PATIENCE = 5_000

export const buySteadily = ({ shop, buyer, products, perSecond }: LoadOptions): Load => {
  const accepted: Accepted[] = []
  const refusals = new Map<string, number>()
  let unanswered = 0
  const refused = (what: string): void => void refusals.set(what, (refusals.get(what) ?? 0) + 1)
  const buyOne = async (n: number): Promise<void> => {
    const product = products[n % products.length]
    if (product === undefined) throw new Error('there is nothing to buy')
    const at = Date.now()
    const answer = await Promise.race([
      shop(n)
        .buy(buyer, [[product, 1]])
        .catch((error: unknown) => String(error)),
      sleep(PATIENCE, 'no answer in time', { ref: false }),
    ])
    if (typeof answer !== 'string' && answer.status === 201) {
      accepted.push({ id: answer.body.purchase_id, at })
      return
    }
    refused(typeof answer === 'string' ? answer : `${answer.status} ${answer.body?.code}`)
    if (typeof answer === 'string' || answer.status >= 500) unanswered++
  }
  const { stop } = beginSteadily(perSecond, buyOne)
  return { accepted, unanswered: () => unanswered, refusals, stop, [Symbol.asyncDispose]: stop }
}

/** How one purchase went: ms from the click to its end; no `took` while it has none. */
export type Went = Accepted & { readonly status: string; readonly reason?: string; readonly took?: number }

/** How purchases have gone so far, by the database. */
export const howTheyWent = async (url: string, accepted: readonly Accepted[]): Promise<readonly Went[]> => {
  await using books = await openBooks(url)
  const ends = await books.ends()
  return accepted.map(({ id, at }) => {
    const end = ends.get(id)
    if (end === undefined) return { id, at, status: 'pending' }
    const { status, reason } = end
    return { id, at, status, ...(reason !== null && { reason }), took: end.at - at }
  })
}

/** The middle one; infinite when half of them have no end. */
export const median = (went: readonly Went[]): number => {
  const sorted = went.map(({ took = Number.POSITIVE_INFINITY }) => took).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** How many there are of each end, for messages: `{"completed":40,"cancelled timed-out":3}`. */
export const tally = (went: readonly Went[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(went, ({ status, reason = '' }) => `${status} ${reason}`.trim())].map(([end, some]) => [
      end,
      some.length,
    ]),
  )
