import type { Person, Product, Shop } from '../fleet/shop.ts'

type Buying = {
  readonly shop: Shop
  readonly buyer: Person
  readonly seller: Person
  readonly product: Product
  readonly total: number
  /** Called once a third of the answers are there; buying goes on meanwhile. */
  readonly inTheMiddle: () => Promise<void>
}

export type Bought = {
  readonly accepted: readonly string[]
  /** Of these nobody knows whether they exist. */
  readonly unanswered: number
  /** Codes of the problems that came instead. */
  readonly refusals: string
}

/** Approved, declined, and paid although the answer is lost. */
const CARDS = [undefined, undefined, '4000000000000002', '4000000000000119']
const AT_ONCE = 4

/** Buys from several sides at once while something happens in the middle, and goes on until that is over and half are accepted. */
export const buyThrough = async ({ shop, buyer, seller, total, inTheMiddle }: Buying): Promise<Bought> => {
  const category = await shop.category(seller)
  const products = [
    await shop.product(seller, category, { inventory: 1_000_000 }),
    await shop.product(seller, category, { inventory: 20 }),
  ] as const
  const accepted: string[] = []
  const refused = new Map<string, number>()
  let unanswered = 0
  let begun = 0
  let over = false
  let middle: Promise<void> | undefined
  const buyOne = async (n: number): Promise<void> => {
    const card = CARDS[n % CARDS.length]
    const lines =
      n % 3 === 0
        ? ([
            [products[0], 1],
            [products[1], 1],
          ] as const)
        : ([[products[0], 2]] as const)
    const { status, body } = await shop.buy(buyer, lines, card === undefined ? {} : { card })
    if (status === 201) accepted.push(body.purchase_id)
    else refused.set(`${status} ${body.code}`, (refused.get(`${status} ${body.code}`) ?? 0) + 1)
    // A gateway that lost its service in the middle of a request cannot know.
    if (status === 503 || status === 504) unanswered++
  }
  const customer = async (): Promise<void> => {
    // Long enough to have bought again after it, and not for ever.
    while ((begun < total || !over || accepted.length < total / 2) && begun < 50 * total) {
      const n = begun++
      if (n >= total / 3) middle ??= inTheMiddle().finally(() => (over = true))
      await buyOne(n)
      if (n >= total / 3) await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, customer))
  await middle
  return { accepted, unanswered, refusals: JSON.stringify([...refused]) }
}
