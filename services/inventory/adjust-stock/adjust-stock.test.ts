import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { Quote } from '@argosy/contracts/rpc/catalog'
import { CountStock, OpenStock, StockLevels } from '@argosy/contracts/rpc/inventory'
import { implement } from '@kit/rpc/procedure'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { inventory } from '../service.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }
const eve = { id: '01930000-0000-7000-8000-0000000000e1' }
const admin = { id: '01930000-0000-7000-8000-0000000000ad', roles: ['admin'] as const }
const lamp = '01930000-0000-7000-8000-0000000000b1'
const unknown = '01930000-0000-7000-8000-0000000000ff'
const purchase_id = '01930000-0000-7000-8000-000000000c01'

const adasLamp = { id: lamp, owner_id: ada.id, name: 'Lamp', price: 125, currency_code: 'USD' }
const quote = implement(Quote, async ({ product_ids }) => ({
  products: product_ids.includes(lamp) ? [adasLamp] : [],
}))

/** Ten lamps of Ada's, four of them reserved. */
const open = async (): Promise<Slice> => {
  const shop = await slice(inventory, { procedures: [quote] })
  await shop.call(OpenStock, { product_id: lamp, quantity: 10 })
  await shop.deliver(ReserveStock({ purchase_id, lines: [{ product_id: lamp, quantity: 4 }] }))
  return shop
}
type Answer = Awaited<ReturnType<Slice['request']>>
const codeOf = ({ status, body }: Answer) => [status, (body as { code: string }).code]
const levelsIn = ({ body }: Answer) => {
  const { on_hand, reserved, available } = (body as { inventory: Record<string, number> }).inventory
  return { on_hand, reserved, available }
}
const stockOf = async (shop: Slice) => levelsIn(await shop.request('GET', `/api/v1/inventory/${lamp}`))

const adjust = (shop: Slice, delta: unknown, as = ada, key?: string) =>
  shop.request('POST', `/api/v1/inventory/${lamp}/adjust`, {
    as,
    body: { delta, reason: 'counted again' },
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  })

test('the owner adds units and takes them away, down to what is reserved', async () => {
  await using shop = await open()
  assert.deepEqual(levelsIn(await adjust(shop, 5)), { on_hand: 15, reserved: 4, available: 11 })
  assert.deepEqual(levelsIn(await adjust(shop, -11)), { on_hand: 4, reserved: 4, available: 0 })
  assert.deepEqual(codeOf(await adjust(shop, -1)), [409, 'stock-below-reserved'])
  assert.deepEqual(await stockOf(shop), { on_hand: 4, reserved: 4, available: 0 })
})

test('an admin may, somebody else may not', async () => {
  await using shop = await open()
  assert.equal((await adjust(shop, 1, admin)).status, 200)
  assert.deepEqual(codeOf(await adjust(shop, 1, eve)), [403, 'forbidden'])
  const absent = await shop.request('POST', `/api/v1/inventory/${unknown}/adjust`, { as: eve, body: { delta: 1 } })
  assert.deepEqual(codeOf(absent), [404, 'product-not-found'])
  assert.deepEqual(await stockOf(shop), { on_hand: 11, reserved: 4, available: 7 })
})

test('a request sent again under its key adjusts once; the key means no other request', async () => {
  await using shop = await open()
  const all = await Promise.all([1, 2, 3].map(() => adjust(shop, 5, ada, 'a1')))
  for (const answer of all) assert.deepEqual(levelsIn(answer), { on_hand: 15, reserved: 4, available: 11 })
  assert.deepEqual(codeOf(await adjust(shop, 6, ada, 'a1')), [422, 'idempotency-key-reused'])
  assert.deepEqual(await stockOf(shop), { on_hand: 15, reserved: 4, available: 11 })
})

test('what is no number of units is refused, and nothing changes', async () => {
  await using shop = await open()
  for (const delta of [1.5, '1', null, 2 ** 53, -(2 ** 64)])
    assert.deepEqual(codeOf(await adjust(shop, delta)), [400, 'invalid-request'], String(delta))
  await adjust(shop, 900_000_000)
  assert.deepEqual(codeOf(await adjust(shop, 100_000_001)), [422, 'stock-above-limit'])
  assert.deepEqual(await stockOf(shop), { on_hand: 900_000_010, reserved: 4, available: 900_000_006 })
})

test('the ledger tells what came and went, newest first, in pages', async () => {
  await using shop = await open()
  await adjust(shop, 5)
  await shop.deliver(CommitStock({ purchase_id }))
  await shop.call(CountStock, { product_id: lamp, on_hand: 20 })
  const read = async (query: string, as = ada) =>
    shop.request('GET', `/api/v1/inventory/${lamp}/movements?${query}`, { as })
  type Page = { readonly data: readonly Record<string, unknown>[]; readonly page: { readonly next: string } }
  const first = (await read('limit=3')).body as Page
  const second = (await read(`limit=3&cursor=${first.page.next}`)).body as Page
  assert.deepEqual(
    [...first.data, ...second.data].map(({ kind, delta, on_hand, reason, purchases }) => ({
      kind,
      delta,
      on_hand,
      reason,
      purchases,
    })),
    [
      { kind: 'counted', delta: 9, on_hand: 20, reason: undefined, purchases: undefined },
      { kind: 'sold', delta: -4, on_hand: 11, reason: undefined, purchases: 1 },
      { kind: 'adjusted', delta: 5, on_hand: 15, reason: 'counted again', purchases: undefined },
      { kind: 'opened', delta: 10, on_hand: 10, reason: undefined, purchases: undefined },
    ],
  )
  assert.equal(second.page.next, null)
  assert.deepEqual(codeOf(await read('', eve)), [403, 'forbidden'])
})

test('a count by hand is taken down to what is reserved; of an unknown product it is not', async () => {
  await using shop = await open()
  assert.deepEqual(await shop.call(CountStock, { product_id: lamp, on_hand: 4 }), { accepted: true, available: 0 })
  assert.deepEqual(await shop.call(CountStock, { product_id: lamp, on_hand: 3 }), { accepted: false, available: 0 })
  assert.deepEqual(await shop.call(CountStock, { product_id: unknown, on_hand: 3 }), { accepted: false, available: 0 })
})

test('stock that is opened again stays as it is', async () => {
  await using shop = await open()
  await shop.call(OpenStock, { product_id: lamp, quantity: 99 })
  const { levels } = await shop.call(StockLevels, { product_ids: [lamp, unknown] })
  assert.deepEqual(levels, [{ product_id: lamp, on_hand: 10, available: 6 }])
})

test('the check says whether so many can be bought, by GET and by POST', async () => {
  await using shop = await open()
  const get = async (id: string, quantity: unknown) =>
    shop.request('GET', `/api/v1/products/check?id=${id}&quantity=${String(quantity)}`)
  const post = async (id: string, quantity: unknown) =>
    shop.request('POST', '/api/v1/products/check', { body: { id, quantity } })
  for (const ask of [get, post]) {
    assert.deepEqual((await ask(lamp, 6)).body, { valid: true })
    assert.deepEqual((await ask(lamp, 7)).body, { valid: false })
    assert.deepEqual((await ask(unknown, 1)).body, { valid: false })
    for (const quantity of [0, -1, 1.5, 2 ** 64 - 4])
      assert.deepEqual(codeOf(await ask(lamp, quantity)), [400, 'invalid-request'])
  }
})

test('the stock of an unknown product is not found; of what is no id neither is asked', async () => {
  await using shop = await open()
  assert.deepEqual(codeOf(await shop.request('GET', `/api/v1/inventory/${unknown}`)), [404, 'product-not-found'])
  assert.deepEqual(codeOf(await shop.request('GET', '/api/v1/inventory/1')), [400, 'invalid-request'])
})
