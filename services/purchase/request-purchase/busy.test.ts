import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StockRefused, StockReserved } from '@argosy/contracts/messages/inventory'
import { OrderPlaced } from '@argosy/contracts/messages/order'
import { PaymentPending } from '@argosy/contracts/messages/payment'
import { NotBegun } from '@kit/fault/not-begun'
import { sql } from '@kit/postgres/statement'
import { SagaMemory } from '@kit/saga/running/memory'
import { ada, bought, buy, eve, lamp, openShop, unknown } from '../test-shop.ts'
import { accepting } from './accept.ts'

const openSagas = sql(import.meta.url, 'test-open-sagas.sql')
const countAll = sql<{ purchases: number; sagas: number; batches: number }>(import.meta.url, 'test-count-all.sql')

const config = { PURCHASE_FLOOR: '5' }

type Shop = Awaited<ReturnType<typeof openShop>>

const refusalOf = ({ status, headers, body }: Awaited<ReturnType<typeof buy>>) => {
  const { code } = body as { code: string }
  return { status, code, again: Number(headers['retry-after']) }
}
const assertBusy = (answer: Awaited<ReturnType<typeof buy>>): void => {
  const { status, code, again } = refusalOf(answer)
  assert.deepEqual([status, code], [503, 'busy'])
  assert.ok(again >= 1 && again <= 30, `Retry-After: ${again}`)
}

test('a shop with as much under way as it can see to refuses before it asks for a quote, and says when to come back', async () => {
  let quotes = 0
  await using shop = await openShop({ config, quoted: () => quotes++ })
  await shop.db.query(openSagas, [5, 'asking', 0])
  assertBusy(await buy(shop))
  assertBusy(await buy(shop, { key: 'k1' }))
  assert.equal(quotes, 0)
  // Not even the body is read.
  const broken = { as: { id: ada }, body: '{"order_' }
  for (const more of [{}, { 'idempotency-key': 'k2' }]) {
    const headers = { 'content-type': 'application/json', ...more }
    assertBusy(await shop.request('POST', '/api/v1/purchases', { ...broken, headers }))
  }
  const stranger = await shop.request('POST', '/api/v1/purchases', { body: {} })
  assert.equal(stranger.status, 401, 'a stranger is not told how busy the shop is')
  assert.equal((await shop.db.query(countAll))[0]?.purchases, 0)
})

test('what rests, and what has waited for a minute, is no work', async () => {
  await using shop = await openShop({ config })
  await shop.db.query(openSagas, [50, 'resting', 0])
  await shop.db.query(openSagas, [50, 'undoing', 61])
  await bought(shop)
})

test('purchases of one moment are counted before any of them is stored', async () => {
  await using shop = await openShop({ config })
  const answers = await Promise.all(Array.from({ length: 20 }, () => buy(shop)))
  const accepted = answers.filter(({ status }) => status === 201).length
  assert.equal(accepted, 5)
  assert.equal((await shop.db.query(countAll))[0]?.purchases, 5)
})

test('a repeat of an accepted purchase is answered however busy the shop is', async () => {
  await using shop = await openShop({ config })
  const first = await buy(shop, { key: 'k1' })
  for (let n = 0; n < 4; n++) await bought(shop)
  assertBusy(await buy(shop))
  assertBusy(await buy(shop, { key: 'k2' }))
  const again = await buy(shop, { key: 'k1' })
  assert.deepEqual([again.status, again.body], [201, first.body])
  const other = await buy(shop, { key: 'k1', currency_code: 'EUR' })
  assert.equal(refusalOf(other).code, 'idempotency-key-reused')
})

test('what ends makes room, and so does what comes to rest until it is paid; a key that was refused can be used', async () => {
  await using shop = await openShop({ config })
  const refused = await bought(shop)
  const later = await bought(shop, { method: 'transfer' })
  for (let n = 0; n < 3; n++) await bought(shop)
  assertBusy(await buy(shop, { key: 'k1' }))
  await shop.deliver(StockRefused({ purchase_id: refused, reason: 'out-of-stock' }))
  await bought(shop, { key: 'k1' })
  assertBusy(await buy(shop))

  const lines = [{ product_id: lamp, name: 'Lamp', price: 1_250, quantity: 2, seller_id: eve }]
  const id = { purchase_id: later }
  const placed = { ...id, customer_id: ada, lines, amount: 2_500, currency_code: 'USD' }
  await shop.deliver(StockReserved(id))
  await shop.deliver(OrderPlaced({ ...placed, payment_method: 'transfer' }))
  assertBusy(await buy(shop))
  await shop.deliver(PaymentPending(id))
  await bought(shop)
})

test('what other processes have accepted is known after a look', async () => {
  await using shop = await openShop({ config })
  await bought(shop)
  await shop.db.query(openSagas, [4, 'asking', 0])
  const until = performance.now() + 10_000
  // By what this process has accepted itself there would be room; what cannot be bought takes none.
  while ((await buy(shop, { lines: [[unknown, 1]] })).status !== 503)
    assert.ok(performance.now() < until, 'the shop was never busy')
})

const requested = (shop: Shop) => ({
  purchase: {
    purchase_id: shop.platform.newId(),
    customer_id: ada,
    lines: [{ product_id: lamp, name: 'Lamp', price: 1, quantity: 1, seller_id: eve }],
    amount: 1,
    currency_code: 'USD',
  },
  at: shop.platform.clock.now(),
  idempotency: undefined,
  cause: {},
})

const lockPurchases = { name: 'lock purchases', text: 'lock table purchase in exclusive mode' }

/** Accepting while nothing can be stored; `open` lets it go on. */
const blocked = async (shop: Shop, bounds: { readonly most: number; readonly patience: number }) => {
  const accept = accepting({ ...shop.foundation, memory: new SagaMemory() }, bounds)
  const locked = Promise.withResolvers<void>()
  const { promise, resolve: open } = Promise.withResolvers<void>()
  const lock = shop.db.transaction(async (tx) => {
    await tx.query(lockPurchases)
    locked.resolve()
    await promise
  })
  await locked.promise
  const stay = new AbortController()
  const put = (signal = stay.signal): Promise<string> =>
    accept(requested(shop), { signal }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof NotBegun ? 'not begun' : String(error)),
    )
  const first = put()
  // The first is on its way to the database, alone.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  return { put, first, open: () => (open(), lock) }
}

test('a queue beyond its bound refuses at once, and the refused never become purchases', async () => {
  await using shop = await openShop()
  const { put, first, open } = await blocked(shop, { most: 3, patience: 60_000 })
  const others = Array.from({ length: 10 }, () => put())
  assert.deepEqual(
    await Promise.all(others.slice(3)),
    others.slice(3).map(() => 'not begun'),
  )
  await open()
  assert.deepEqual(await Promise.all([first, ...others.slice(0, 3)]), Array(4).fill('accepted'))
  const [stored] = await shop.db.query(countAll)
  assert.deepEqual([stored?.purchases, stored?.sagas], [4, 4])
})

test('whoever has waited too long, or has gone, is not stored afterwards', async () => {
  await using shop = await openShop()
  const { put, first, open } = await blocked(shop, { most: 100, patience: 150 })
  const gone = new AbortController()
  const others = [put(), put(gone.signal)]
  gone.abort()
  assert.deepEqual(await Promise.all(others), ['not begun', 'not begun'])
  const last = put()
  await open()
  assert.deepEqual(await Promise.all([first, last]), ['accepted', 'accepted'])
  assert.equal((await shop.db.query(countAll))[0]?.purchases, 2)
})
