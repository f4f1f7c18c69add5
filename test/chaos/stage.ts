import type { Person, Product, Shop } from '../fleet/shop.ts'
import type { Range } from './intents.ts'

const BUYERS = 4
const PLENTY = 100_000

export type Stage = {
  readonly buyers: readonly Person[]
  readonly range: Range
  readonly opening: ReadonlyMap<string, number>
}

/** People, and products: some never sold out, some soon. `short`: how many there are of these. */
export const openStage = async (shop: Shop, short: number): Promise<Stage> => {
  const buyers: Person[] = []
  for (let n = 0; n < BUYERS; n++) buyers.push(await shop.person(`Buyer${n}`))
  const [seller] = buyers
  if (seller === undefined) throw new Error('nobody sells')
  const category = await shop.category(seller)
  const list = async (count: number, inventory: number): Promise<Product[]> => {
    const products: Product[] = []
    for (let n = 0; n < count; n++)
      products.push(await shop.product(seller, category, { price: 100 + 25 * n, inventory }))
    return products
  }
  const range = { plenty: await list(8, PLENTY), short: await list(2, short) }
  const opening = new Map([
    ...range.plenty.map(({ id }) => [id, PLENTY] as const),
    ...range.short.map(({ id }) => [id, short] as const),
  ])
  return { buyers, range, opening }
}
