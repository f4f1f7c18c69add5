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

export type Actors = Stage & {
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
      const order = await viewOf(actors, 'orders', id, ({ status }) => status === 'completed')
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
    'an order is paid later by transfer: the provider tells of it, and tells it again',
    async (actors) => {
      const { shop, buyer } = actors
      const { id, product } = await buyLater(actors, 2)
      assert.equal(await available({ ...actors, product }), 8)
      const path = '/api/v1/payments/sandbox/transfers'
      const { status, body: told } = await shop.call('POST', path, { token: buyer.token, body: { purchase_id: id } })
      assert.equal(status, 201, JSON.stringify(told))
      const webhook = { body: told.body, headers: told.headers }
      assert.equal((await shop.call('POST', '/api/v1/payments/webhooks/sandbox', webhook)).status, 202)
      assert.equal((await shop.call('POST', '/api/v1/payments/webhooks/sandbox', webhook)).status, 409)
      assert.equal((await shop.end(buyer, id, 45_000)).status, 'completed')
      const order = await viewOf(actors, 'orders', id, ({ status }) => status === 'completed')
      assert.deepEqual([order.payment_method, order.amount], ['transfer', 2 * product.price])
      assert.equal(await available({ ...actors, product }), 8)
    },
  ],
  [
    'an order is paid later by card, then part of the money and of the goods go back',
    async (actors) => {
      const { shop, buyer, seller } = actors
      const { id, product } = await buyLater(actors, 3)
      const pay = { token: buyer.token, body: { card: '4242424242424242' } }
      assert.equal((await shop.call('POST', `/api/v1/orders/${id}/pay`, pay)).status, 202)
      assert.equal((await shop.end(buyer, id, 45_000)).status, 'completed')
      const refund = {
        token: seller.token,
        headers: { 'idempotency-key': randomUUID() },
        body: { amount: product.price, restock: [{ product_id: product.id, quantity: 1 }] },
      }
      const given = await shop.call('POST', `/api/v1/orders/${id}/refund`, refund)
      const again = await shop.call('POST', `/api/v1/orders/${id}/refund`, refund)
      assert.deepEqual([given.status, given.body.order.status], [201, 'partially-refunded'], JSON.stringify(given.body))
      assert.equal(again.body.refund_id, given.body.refund_id)
      const payment = await viewOf(actors, 'payments', id, ({ refunded }) => refunded > 0)
      assert.deepEqual([payment.refunded, payment.status], [product.price, 'captured'])
      await eventually('one of three is for sale again', async () => (await available({ ...actors, product })) === 8)
    },
  ],
  [
    'an order that nobody pays is reminded of, ends in time, and its goods are for sale again',
    async (actors) => {
      const { shop, buyer, mailTo } = actors
      const { id, product } = await buyLater(actors, 4)
      assert.equal(await available({ ...actors, product }), 6)
      const { status, reason } = await shop.end(buyer, id, 60_000)
      assert.deepEqual([status, reason], ['cancelled', 'not-paid-in-time'])
      assert.equal((await viewOf(actors, 'orders', id, () => true)).status, 'cancelled')
      assert.equal((await viewOf(actors, 'payments', id, () => true)).status, 'voided')
      assert.equal(await available({ ...actors, product }), 10)
      const reminder = `<payment-reminder.${id}.1@`
      await eventually('the reminder', () => mailTo(buyer.email).some((source) => source.includes(reminder)))
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

/** The environment of a shop that the scenes are played in: who means to pay later must be quick. */
export const haste = { ORDER_REMINDERS: '4s', ORDER_EXPIRY: '12s' }

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

/** Buys units of a product of which there are ten, to be paid later; resolves when the order waits for its money. */
const buyLater = async (
  actors: Actors,
  quantity: number,
): Promise<{ readonly id: string; readonly product: Product }> => {
  const { shop, buyer, seller, accepted } = actors
  const product = await productOf(shop, seller, 10)
  const { status, body } = await shop.buy(buyer, [[product, quantity]], { method: 'transfer' })
  assert.equal(status, 201, JSON.stringify(body))
  accepted.push(body.purchase_id)
  await viewOf(actors, 'payments', body.purchase_id, (payment) => payment.status === 'pending')
  return { id: body.purchase_id, product }
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
  isFinal: (view: any) => boolean,
): Promise<any> => {
  let view: any
  await eventually(`${list}/${id}`, async () => {
    view = (await shop.call('GET', `/api/v1/${list}/${id}`, { token: buyer.token })).body
    return isFinal(view)
  })
  return view
}
