import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UpdateProduct } from '@argosy/contracts/http/catalog'
import { ProductRemoved, ProductUpdated } from '@argosy/contracts/messages/catalog'
import { Quote } from '@argosy/contracts/rpc/catalog'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import type { TSchema } from 'typebox'
import { catalog } from '../service.ts'
import { inventoryPlayed } from '../test-inventory.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }
const eve = { id: '01930000-0000-7000-8000-0000000000e1' }
const admin = { id: '01930000-0000-7000-8000-0000000000ad', roles: ['admin'] as const }
const nobody = '01930000-0000-7000-8000-0000000000ff'

/** A chair of Ada's, 1000 on hand. */
const open = async (reserved = 0) => {
  const inventory = inventoryPlayed(reserved)
  const shop = await slice(catalog, { procedures: inventory.procedures })
  const made = await shop.request('POST', '/api/v1/categories', { as: ada, body: { name: 'Chairs' } })
  const category_id = (made.body as { category: { id: string } }).category.id
  const body = { category_id, name: 'chair', description: 'Oak', brand_name: 'Thonet', price: 125, inventory: 1000 }
  const product = productIn(await shop.request('POST', '/api/v1/products', { as: ada, body }))
  await shop.published()
  return Object.assign(shop, { product, path: `/api/v1/products/${String(product['id'])}`, inventory })
}
type Answer = Awaited<ReturnType<Slice['request']>>
const productIn = ({ body }: Answer) => (body as { product: Record<string, unknown> }).product
const codeOf = ({ status, body }: Answer) => [status, (body as { code: string }).code]

test('only the fields that are sent change; the change is told', async () => {
  await using shop = await open()
  shop.platform.clock.advance(1000)
  const changed = await shop.request('PUT', shop.path, { as: ada, body: { price: 150 } })
  assert.equal(changed.status, 200)
  const { updated_at, ...rest } = productIn(changed)
  assert.deepEqual({ ...rest, updated_at: shop.product['updated_at'] }, { ...shop.product, price: 150 })
  assert.equal(updated_at, shop.platform.clock.now().toISOString())
  const [told, ...more] = await shop.published()
  assert.deepEqual([told?.type, Object(told?.data).price, more], [ProductUpdated.type, 150, []])
})

test('whatever a contract lets change is changed, stored and shown', async () => {
  await using shop = await open()
  const made = await shop.request('POST', '/api/v1/categories', { as: ada, body: { name: 'Seats' } })
  const another = (made.body as { category: { id: string } }).category.id
  for (const [name, schema] of Object.entries<TSchema>(UpdateProduct.body?.properties ?? {})) {
    const value = name === 'category_id' ? another : Object(schema).type === 'integer' ? 2000 : `other ${name}`
    assert.notEqual(shop.product[name], value)
    const changed = productIn(await shop.request('PUT', shop.path, { as: ada, body: { [name]: value } }))
    assert.equal(changed[name], value, name)
    assert.deepEqual(productIn(await shop.request('GET', shop.path)), changed)
  }
})

test('the id may stand in the body', async () => {
  await using shop = await open()
  const body = { id: shop.product['id'], name: 'Chair No. 14' }
  const changed = await shop.request('PUT', '/api/v1/products', { as: ada, body })
  assert.equal(productIn(changed)['name'], 'Chair No. 14')
  assert.equal(productIn(changed)['price'], 125)
})

test('a price that was changed is the price at once, wherever it is read', async () => {
  await using shop = await open()
  await shop.request('GET', shop.path)
  await shop.request('PUT', shop.path, { as: ada, body: { price: 99 } })
  const { products } = await shop.call(Quote, { product_ids: [String(shop.product['id'])] })
  assert.equal(products[0]?.price, 99)
  assert.equal(productIn(await shop.request('GET', shop.path))['price'], 99)
})

test('only the owner or an admin changes or removes a product', async () => {
  await using shop = await open()
  const body = { price: 1 }
  assert.deepEqual(codeOf(await shop.request('PUT', shop.path, { as: eve, body })), [403, 'forbidden'])
  assert.deepEqual(codeOf(await shop.request('DELETE', shop.path, { as: eve })), [403, 'forbidden'])
  assert.deepEqual(codeOf(await shop.request('PUT', shop.path, { body })), [401, 'unauthenticated'])
  assert.deepEqual(await shop.published(), [])
  assert.equal((await shop.request('PUT', shop.path, { as: admin, body })).status, 200)
})

test('If-Match lets a change pass only when the product is as it was read, whatever its stock does', async () => {
  await using shop = await open()
  const { headers } = await shop.request('GET', shop.path)
  const etag = String(headers['etag'])
  const put = (body: unknown) => shop.request('PUT', shop.path, { as: ada, body, headers: { 'if-match': etag } })
  assert.equal((await put({ inventory: 7 })).status, 200)
  assert.equal((await put({ price: 150 })).status, 200)
  assert.deepEqual(codeOf(await put({ price: 160 })), [412, 'precondition-failed'])
  assert.equal(productIn(await shop.request('GET', shop.path))['price'], 150)
})

test('If-None-Match answers 304 until the product or its stock changes', async () => {
  await using shop = await open()
  const read = async (etag: string) => shop.request('GET', shop.path, { headers: { 'if-none-match': etag } })
  const first = String((await read('"0"')).headers['etag'])
  assert.equal((await read(first)).status, 304)
  await shop.request('PUT', shop.path, { as: ada, body: { inventory: 999 } })
  const second = await read(first)
  assert.equal(second.status, 200)
  await shop.request('PUT', shop.path, { as: ada, body: { price: 1 } })
  assert.equal((await read(String(second.headers['etag']))).status, 200)
})

test('stock is counted by inventory, which may say that too many are reserved; then nothing changes', async () => {
  await using shop = await open(10)
  const counted = await shop.request('PUT', shop.path, { as: ada, body: { inventory: 30 } })
  assert.equal(productIn(counted)['inventory'], 20)
  assert.deepEqual(await shop.published(), [])
  const refused = await shop.request('PUT', shop.path, { as: ada, body: { inventory: 9, price: 1 } })
  assert.deepEqual(codeOf(refused), [409, 'stock-below-reserved'])
  assert.equal(productIn(await shop.request('GET', shop.path))['price'], 125)
})

test('a category that does not exist changes nothing, not even the stock', async () => {
  await using shop = await open()
  const refused = await shop.request('PUT', shop.path, { as: ada, body: { category_id: nobody, inventory: 1 } })
  assert.deepEqual(codeOf(refused), [422, 'unknown-category'])
  assert.equal(productIn(await shop.request('GET', shop.path))['inventory'], 1000)
})

test('a product is shown all the same when its stock cannot be asked', async () => {
  await using shop = await open()
  shop.inventory.down = true
  const { inventory: _, ...rest } = shop.product
  const got = await shop.request('GET', shop.path)
  assert.equal(got.status, 200)
  assert.deepEqual(productIn(got), rest)
  const { data } = (await shop.request('GET', '/api/v1/products')).body as { data: readonly unknown[] }
  assert.deepEqual(data, [rest])
})

test('a removed product is nowhere, and that is told once', async () => {
  await using shop = await open()
  assert.equal((await shop.request('DELETE', shop.path, { as: ada })).status, 204)
  assert.deepEqual(codeOf(await shop.request('DELETE', shop.path, { as: ada })), [404, 'product-not-found'])
  assert.deepEqual(codeOf(await shop.request('GET', shop.path)), [404, 'product-not-found'])
  assert.deepEqual(codeOf(await shop.request('PUT', shop.path, { as: ada, body: { price: 1 } })), [
    404,
    'product-not-found',
  ])
  assert.deepEqual((await shop.call(Quote, { product_ids: [String(shop.product['id'])] })).products, [])
  const { data } = (await shop.request('GET', '/api/v1/products')).body as { data: readonly unknown[] }
  assert.deepEqual(data, [])
  assert.deepEqual(
    (await shop.published()).map(({ type }) => type),
    [ProductRemoved.type],
  )
})
