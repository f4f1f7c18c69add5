import { setTimeout as sleep } from 'node:timers/promises'
import { buyAll } from '../../chaos/customers.ts'
import { History, type Intent, type Kind, type Step } from '../../chaos/history.ts'
import { random } from '../../chaos/random.ts'
import { Shop, type Person } from '../../fleet/shop.ts'

/** Ms that a customer lets pass between two purchases, on average: 16 of them buy 15 times a second. */
const PAUSE = 1_000
const AT_ONCE = 16
const BUYERS = 4
const PLENTY = 1_000_000

const later = (name: string, completes: Kind['completes'], ...steps: readonly (readonly Step[])[]): Kind => ({
  name,
  completes,
  afterwards: { later: steps },
})

/** What customers do, as often as the list has it. Nothing of it is a race: each has one right end. */
const KINDS: readonly Kind[] = [
  ...Array.from({ length: 8 }, (): Kind => ({ name: 'approve', completes: true })),
  { name: 'decline', card: '4000000000000002', completes: false, refusedFor: 'card-declined' },
  { name: 'approve, refund in part', completes: true, afterwards: { refund: 'part' } },
  { name: 'approve, refund', completes: true, afterwards: { refund: 'whole' } },
  later('paid later by card', true, ['card']),
  later('paid later by transfer', true, ['transfer']),
  later('paid later, the first card declined', true, ['declined card'], ['card']),
  later('cancelled', false, ['cancel']),
]

export type Customers = AsyncDisposable & {
  readonly history: History
  readonly opening: ReadonlyMap<string, number>
  readonly buyers: readonly Person[]
  /** How many purchases were accepted so far. */
  readonly accepted: () => number
  /** Resolves when nobody begins any more and everybody is done. */
  readonly stop: () => Promise<void>
}

/** Opens the shop at `url` and buys there until it is told to stop. */
export const openToCustomers = async (url: string): Promise<Customers> => {
  const shop = new Shop(url)
  const buyers = await Promise.all(Array.from({ length: BUYERS }, (_, n) => shop.person(`Buyer${n}`)))
  const [seller] = buyers
  if (seller === undefined) throw new Error('nobody sells')
  const category = await shop.category(seller)
  const products = [100, 125, 150, 175].map((price) => shop.product(seller, category, { price, inventory: PLENTY }))
  const plenty = await Promise.all(products)
  const chance = random(1, 'rolling upgrade')
  const intent = (n: number): Intent => ({
    key: `rolling-upgrade-${n}`,
    kind: chance.pick(KINDS),
    buyer: chance.between(0, BUYERS - 1),
    lines: [chance.pick(plenty), chance.pick(plenty)].map(({ id, price }) => ({ product: id, quantity: 1, price })),
    inStock: true,
  })
  const history = new History()
  const over = new AbortController()
  const mayBegin = async (): Promise<boolean> => {
    await sleep(2 * PAUSE * chance.next(), undefined, { signal: over.signal }).catch(() => undefined)
    return !over.signal.aborted
  }
  const market = { shop: async () => shop, buyers, history, chance, mayBegin, intent }
  const buying = buyAll(market, Number.POSITIVE_INFINITY, AT_ONCE)
  // Whoever stops them has the error.
  buying.catch(() => undefined)
  const stop = async (): Promise<void> => {
    over.abort()
    await buying
  }
  return {
    history,
    buyers,
    opening: new Map(plenty.map(({ id }) => [id, PLENTY])),
    accepted: () => history.count('ok'),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
