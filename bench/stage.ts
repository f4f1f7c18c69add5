import type { Person, Product, Shop } from '@argosy/test/fleet/shop'

/** A shop ready to be bought from. */
export type Stage = { readonly buyers: readonly Person[]; readonly products: readonly Product[] }

/** Enough that no run sells out. */
const STOCK = 1_000_000_000
const BUYERS = 12

/** Registers buyers and a seller, and lists products. */
export const setStage = async (shop: Shop, products: number): Promise<Stage> => {
  const seller = await shop.person('Seller')
  const category = await shop.category(seller)
  const listed: Product[] = []
  for (let n = 0; n < products; n++) {
    listed.push(await shop.product(seller, category, { name: `Product ${n}`, price: 100 + n, inventory: STOCK }))
  }
  const buyers = await Promise.all(Array.from({ length: BUYERS }, (_, n) => shop.person(`Buyer${n}`)))
  return { buyers, products: listed }
}

/** Bodies of purchases of two lines, spread over the products; when `hot`, one line is always of the same product. */
const bodiesFor = ({ products }: Stage, hot: boolean): readonly string[] =>
  Array.from({ length: 1_000 }, (_, n) => {
    const one = products[hot ? 0 : (n * 7) % products.length]
    const two = products[hot ? 1 + (n % (products.length - 1)) : (n * 13 + 1) % products.length]
    if (one === undefined || two === undefined || one === two) throw new Error('there must be more products')
    return JSON.stringify({
      order_items: [
        { product_id: one.id, quantity: 1 },
        { product_id: two.id, quantity: 1 + (n % 3) },
      ],
      payment: { currency_code: one.currency_code },
    })
  })

/** What a load is made of that buys from this stage: where, as whom, and what. */
export const offersTo = (origin: string, stage: Stage, hot: boolean) => ({
  origin,
  tokens: stage.buyers.map(({ token }) => token),
  bodies: bodiesFor(stage, hot),
})
