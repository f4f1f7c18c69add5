import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SagaMemory } from '@kit/saga/running/memory'
import { ReserveStock } from '@argosy/contracts/messages/inventory'
import { sql } from '@kit/postgres/statement'
import { ada, bought, buy, eve, fan, lamp, openShop, unknown } from '../test-shop.ts'

const countAll = sql<{ purchases: number; sagas: number; batches: number }>(import.meta.url, 'test-count-all.sql')
const dumpAll = sql<{ everything: string }>(import.meta.url, 'test-dump-all.sql')

const nothing = [{ purchases: 0, sagas: 0, batches: 0 }]

type Problem = { readonly code: string; readonly errors: readonly { readonly pointer: string }[] }
const problem = (body: unknown) => {
  const { code, errors } = body as Problem
  return { code, pointers: errors?.map(({ pointer }) => pointer) }
}

test('a purchase is accepted at once, and its stock asked for', async () => {
  await using shop = await openShop()
  const { status, headers, body } = await buy(shop)
  assert.equal(status, 201)
  const { purchase_id, ...rest } = body as { purchase_id: string }
  const at = shop.platform.clock.now().toISOString()
  assert.deepEqual(rest, { id: purchase_id, status: 'pending', created_at: at, timestamp: at })
  assert.equal(headers['location'], `/api/v1/purchases/${purchase_id}`)
  assert.deepEqual(await shop.published(), [ReserveStock({ purchase_id, lines: [{ product_id: lamp, quantity: 2 }] })])
})

test('the same product on two lines stays two lines', async () => {
  await using shop = await openShop()
  const lines = [
    [lamp, 1],
    [lamp, 2],
  ] as const
  const purchase_id = await bought(shop, { lines })
  assert.deepEqual(await shop.published(), [
    ReserveStock({
      purchase_id,
      lines: [
        { product_id: lamp, quantity: 1 },
        { product_id: lamp, quantity: 2 },
      ],
    }),
  ])
})

test('requests of one moment are accepted together, each under its own id', async () => {
  await using shop = await openShop()
  const ids = await Promise.all(Array.from({ length: 40 }, () => bought(shop)))
  assert.equal(new Set(ids).size, 40)
  const asked = await shop.published()
  assert.deepEqual(asked.map(({ key }) => key).toSorted(), ids.toSorted())
})

test('what cannot be bought is refused by name and place, and nothing is written', async () => {
  await using shop = await openShop()
  const cases = [
    [
      {
        lines: [
          [lamp, 1],
          [unknown, 1],
        ] as const,
      },
      422,
      'unknown-product',
      '/order_items/1/product_id',
    ],
    [{ currency_code: 'XAU' }, 422, 'currency-not-accepted', '/payment/currency_code'],
    [
      { lines: Array.from({ length: 100 }, () => [fan, 1_000_000] as const), currency_code: 'VND' },
      422,
      'amount-too-large',
      '/order_items',
    ],
    [{ card: '4111 1111 1111 1111' }, 422, 'card-not-accepted', '/payment/card'],
    [{ card: '4242424242424242', method: 'transfer' }, 400, 'invalid-request', '/payment/card'],
    [{ card: 'my card' }, 400, 'invalid-request', '/payment/card'],
    [{ lines: [[lamp, 0]] as const }, 400, 'invalid-request', '/order_items/0/quantity'],
    [{ lines: [[lamp, -1]] as const }, 400, 'invalid-request', '/order_items/0/quantity'],
    [{ lines: [[lamp, 2 ** 64 - 4]] as const }, 400, 'invalid-request', '/order_items/0/quantity'],
    [{ lines: [] }, 400, 'invalid-request', '/order_items'],
    [{ lines: Array.from({ length: 10_000 }, () => [lamp, 1] as const) }, 400, 'invalid-request', '/order_items'],
  ] as const
  for (const [buying, expected, code, pointer] of cases) {
    const { status, body } = await buy(shop, buying)
    assert.equal(status, expected, JSON.stringify(body))
    assert.deepEqual(problem(body), { code, pointers: [pointer] })
  }
  const unpaid = await shop.request('POST', '/api/v1/purchases', {
    as: { id: ada },
    body: { order_items: [{ product_id: lamp, quantity: 1 }] },
  })
  assert.equal(unpaid.status, 400)
  assert.deepEqual(problem(unpaid.body).pointers, ['/payment'])
  assert.deepEqual(await shop.db.query(countAll), nothing)
})

test('a shop whose rates are no decimals above 0 of known currencies does not start, and says what is wrong', async () => {
  const rates = '{"USD":1,"XAU":0.0003,"EUR":0,"VND":2.54e4}'
  await assert.rejects(openShop({ config: { EXCHANGE_RATES: rates } }), (error: Error) => {
    assert.match(error.message, /EXCHANGE_RATES: "XAU" is not an active currency of ISO 4217 with a minor unit\. /)
    assert.match(error.message, /EXCHANGE_RATES: "EUR" has "0", no decimal above 0\. /)
    assert.match(
      error.message,
      /EXCHANGE_RATES: "VND" has "2.54e4", no decimal above 0\. Set EXCHANGE_RATES to a JSON object/,
    )
    return true
  })
})

test('who is not signed in buys nothing', async () => {
  await using shop = await openShop()
  const { status } = await shop.request('POST', '/api/v1/purchases', { body: {} })
  assert.equal(status, 401)
})

test('a card is traded for a token; its number is stored nowhere', async () => {
  await using shop = await openShop()
  await bought(shop, { card: '4000 0000 0000 0002', key: 'with-card' })
  const [dump] = await shop.db.query(dumpAll)
  assert.ok(dump)
  assert.match(dump.everything, /tok_decline/)
  assert.doesNotMatch(dump.everything, /4000 ?0000 ?0000 ?0002/)
})

test('the same key and body give the same purchase, once', async () => {
  await using shop = await openShop()
  const first = await buy(shop, { key: 'k1' })
  shop.platform.clock.advance(5_000)
  const second = await buy(shop, { key: 'k1' })
  assert.equal(second.status, 201)
  assert.deepEqual(second.body, first.body)
  assert.equal((await shop.published()).length, 1)
})

test('a key that names nothing, or more than one, is refused', async () => {
  await using shop = await openShop()
  for (const key of ['""', '"', '"k1', 'k1"', 'k1, k2']) {
    const { status, body } = await buy(shop, { key })
    assert.deepEqual([status, problem(body).code], [400, 'invalid-request'], key)
  }
  assert.equal((await buy(shop, { key: '"k1"' })).status, 201)
})

test('the same key with another body is refused, and so is another card', async () => {
  await using shop = await openShop()
  await bought(shop, { key: 'k1' })
  for (const other of [
    { lines: [[lamp, 3]] as const },
    { card: '4000000000000002' },
    { currency_code: 'EUR' },
    { method: 'transfer' as const },
  ]) {
    const { status, body } = await buy(shop, { key: 'k1', ...other })
    assert.equal(status, 422)
    assert.equal(problem(body).code, 'idempotency-key-reused')
  }
})

test('a key is its customer’s own', async () => {
  await using shop = await openShop()
  assert.notEqual(await bought(shop, { key: 'k1' }), await bought(shop, { key: 'k1', as: eve }))
})

test('while the first request is being answered, the second is told to wait', async () => {
  await using shop = await openShop()
  const answers = await Promise.all([buy(shop, { key: 'k1' }), buy(shop, { key: 'k1' })])
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
  )
  const waiting = answers.find(({ status }) => status === 409)
  assert.equal(problem(waiting?.body).code, 'request-in-flight')
  assert.equal((await shop.published()).length, 1)
})

test('a request that was refused leaves its key free', async () => {
  await using shop = await openShop()
  assert.equal((await buy(shop, { key: 'k1', lines: [[unknown, 1]] })).status, 422)
  assert.equal((await buy(shop, { key: 'k1' })).status, 201)
})

test('a key taken by another process in the same moment gives that purchase, and spoils nobody else’s', async () => {
  await using one = await openShop()
  await using shop = await openShop()
  const { accepting } = await import('./accept.ts')
  const accepted = accepting({ ...shop.foundation, memory: new SagaMemory() })
  const accept = (request: Parameters<typeof accepted>[0]) =>
    accepted(request, { signal: new AbortController().signal })
  const requested = (n: number, key: string | undefined) => ({
    purchase: {
      purchase_id: one.platform.newId(),
      customer_id: ada,
      lines: [{ product_id: lamp, name: 'Lamp', price: n, quantity: 1, seller_id: eve }],
      amount: n,
      currency_code: 'USD',
    },
    at: shop.platform.clock.now(),
    idempotency: key === undefined ? undefined : { key, hash: Buffer.from([n]) },
    cause: {},
  })
  const outcomes = await Promise.allSettled([
    accept(requested(1, undefined)),
    accept(requested(2, 'k1')),
    accept(requested(3, 'k1')),
    accept(requested(4, undefined)),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal((await shop.db.query(countAll))[0]?.purchases, 3)
  assert.equal((await shop.published()).length, 3)
})
