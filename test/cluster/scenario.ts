// One story of a shop's day, told from outside by its HTTP API, the same whatever runs behind it.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Shop, type Person, type Product } from '../fleet/shop.ts'
import { eventually } from '../eventually.ts'

export type Stage = {
  /** Where the shop's door is. */
  readonly url: string
  /** What has arrived for an address. */
  readonly mailTo: (address: string) => readonly string[]
  /** Purchases that the shop said it accepted are added here, for the laws to be checked afterwards. */
  readonly accepted: string[]
}

type Actors = Stage & {
  readonly shop: Shop
  readonly seller: Person
  readonly buyer: Person
  readonly product: Product
}
type Scene = readonly [name: string, play: (actors: Actors) => Promise<void>]

/** Registers a seller and a buyer and puts a product on sale. */
export const open = async (stage: Stage): Promise<Actors> => {
  const shop = new Shop(stage.url)
  const seller = await shop.person('Sam')
  const buyer = await shop.person('Ada')
  return { ...stage, shop, seller, buyer, product: await productOf(shop, seller, 100) }
}

/** The scenes, in order; each stands on what those before it left. */
export const scenes: readonly Scene[] = [
  [
    'a purchase ends completed, and the order and the payment tell the same',
    async (actors) => {
      const { shop, buyer, product } = actors
      const { id, end } = await buy(actors, [[product, 2]])
      assert.equal(end.status, 'completed', JSON.stringify(end))
      const order = await viewOf(actors, 'orders', id, ({ status }) => status === 'COMPLETED')
      assert.deepEqual([order.products.length, order.products[0].quantity, order.amount], [1, 2, 2 * product.price])
      const payment = await viewOf(actors, 'payments', id, ({ status }) => status === 'captured')
      assert.deepEqual([payment.amount, payment.currency], [2 * product.price, product.currency_code])
      assert.equal(await available(actors), 98)
      const { body } = await shop.call('GET', `/api/v1/purchases/${id}/history`, { token: buyer.token })
      assert.equal(body.history.at(-1).what, 'ended')
      for (const list of ['purchases', 'orders', 'payments']) {
        const { body: mine } = await shop.call('GET', `/api/v1/${list}`, { token: buyer.token })
        assert.ok(
          mine.data.some((one: any) => [one.id, one.purchase_id].includes(id)),
          list,
        )
      }
    },
  ],
  [
    'a declined card is refused and gives the stock back',
    async (actors) => {
      const { end } = await buy(actors, [[actors.product, 1]], '4000000000000002')
      assert.deepEqual([end.status, await available(actors)], ['refused', 98])
    },
  ],
  [
    'a card whose approval is lost on the way is charged once',
    async (actors) => {
      const { id, end } = await buy(actors, [[actors.product, 1]], '4000000000000119')
      assert.equal(end.status, 'completed', JSON.stringify(end))
      assert.equal((await viewOf(actors, 'payments', id, ({ status }) => status === 'captured')).status, 'captured')
      assert.equal(await available(actors), 97)
    },
  ],
  [
    'a card that fails twice and then works',
    async (actors) => {
      const { end } = await buy(actors, [[actors.product, 1]], '4000000000000127')
      assert.equal(end.status, 'completed', JSON.stringify(end))
    },
  ],
  [
    'too little of the second line: nothing of the first stays taken',
    async (actors) => {
      const { shop, seller, product } = actors
      const scarce = await productOf(shop, seller, 1)
      const before = await available(actors)
      const { end } = await buy(actors, [
        [product, 3],
        [scarce, 2],
      ])
      assert.deepEqual([end.status, await available(actors)], ['refused', before])
    },
  ],
  [
    'the same product on two lines',
    async (actors) => {
      const before = await available(actors)
      const { end } = await buy(actors, [
        [actors.product, 1],
        [actors.product, 2],
      ])
      assert.deepEqual([end.status, await available(actors)], ['completed', before - 3])
    },
  ],
  [
    'the same key is the same purchase, with another body a mistake',
    async (actors) => {
      const { shop, buyer, product } = actors
      const headers = { 'idempotency-key': randomUUID() }
      const one = await shop.buy(buyer, [[product, 1]], { headers })
      const again = await shop.buy(buyer, [[product, 1]], { headers })
      const other = await shop.buy(buyer, [[product, 2]], { headers })
      assert.deepEqual([again.status, again.body.purchase_id], [one.status, one.body.purchase_id])
      assert.deepEqual([other.status, other.body.code], [422, 'idempotency-key-reused'])
      actors.accepted.push(one.body.purchase_id)
      assert.equal((await shop.end(buyer, one.body.purchase_id)).status, 'completed')
    },
  ],
  [
    'others see nothing of it, and a price that changes does not change what was bought',
    async (actors) => {
      const { shop, seller, product, accepted } = actors
      const put = { token: seller.token, body: { price: 990 } }
      assert.equal((await shop.call('PUT', `/api/v1/products/${product.id}`, put)).status, 200)
      const [id = ''] = accepted
      assert.equal((await viewOf(actors, 'orders', id, () => true)).products[0].price, product.price)
      for (const path of ['purchases', 'orders', 'payments']) {
        assert.equal((await shop.call('GET', `/api/v1/${path}/${id}`, { token: seller.token })).status, 404, path)
      }
    },
  ],
  [
    'the mail arrives: welcome, code, and how the purchases ended',
    async ({ mailTo, buyer, accepted }) => {
      await eventually(
        'two mails of the account, one of each purchase',
        () => mailTo(buyer.email).length >= 2 + accepted.length,
      )
      const ids = mailTo(buyer.email).map((source) => /^Message-ID:\s*(<.*>)/im.exec(source)?.[1])
      assert.equal(new Set(ids).size, ids.length, `none twice: ${ids.join(' ')}`)
    },
  ],
]

type Bought = { readonly id: string; readonly end: any }

const buy = async (
  { shop, buyer, accepted }: Actors,
  lines: readonly (readonly [Product, number])[],
  card?: string,
): Promise<Bought> => {
  const { status, body } = await shop.buy(buyer, lines, card === undefined ? {} : { card })
  assert.equal(status, 201, JSON.stringify(body))
  accepted.push(body.purchase_id)
  return { id: body.purchase_id, end: await shop.end(buyer, body.purchase_id, 45_000) }
}

const productOf = async (shop: Shop, seller: Person, inventory: number): Promise<Product> =>
  shop.product(seller, await shop.category(seller), { inventory })

const available = async ({ shop, product }: Actors): Promise<number> =>
  (await shop.call('GET', `/api/v1/products/${product.id}`)).body.product.inventory

/** The order or payment of a purchase, once it is as it should be: it may follow the purchase by a moment. */
const viewOf = async (
  { shop, buyer }: Actors,
  list: 'orders' | 'payments',
  id: string,
  isSettled: (view: any) => boolean,
): Promise<any> => {
  let view: any
  await eventually(`${list}/${id}`, async () => {
    view = (await shop.call('GET', `/api/v1/${list}/${id}`, { token: buyer.token })).body
    return isSettled(view)
  })
  return view
}
