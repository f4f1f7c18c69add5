import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProductCreated } from '@argosy/contracts/messages/catalog'
import { Quote } from '@argosy/contracts/rpc/catalog'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { catalog } from '../service.ts'
import { inventoryPlayed } from '../test-inventory.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }
const nobody = '01930000-0000-7000-8000-0000000000ff'
const chair = { name: 'chair', description: 'Oak', brand_name: 'Thonet', price: 125, inventory: 1000 }

const open = async (config: Readonly<Record<string, string>> = {}) => {
  const shop = await slice(catalog, { config, procedures: inventoryPlayed().procedures })
  const seller = { ...ada, roles: ['seller'] as const }
  const made = await shop.request('POST', '/api/v1/categories', { as: seller, body: { name: 'Chairs' } })
  const { category } = made.body as { category: { id: string } }
  return Object.assign(shop, { category_id: category.id })
}
type Answer = Awaited<ReturnType<Slice['request']>>
const productIn = ({ body }: Answer) => (body as { product: Record<string, unknown> }).product

test('a product is shown as it was created; its owner is the caller whatever the body says', async () => {
  await using shop = await open()
  const { category_id } = shop
  const body = { ...chair, category_id, id_account: nobody }
  const created = await shop.request('POST', '/api/v1/products', { as: ada, body })
  assert.equal(created.status, 201)
  const { id, created_at, updated_at, ...rest } = productIn(created)
  assert.deepEqual(rest, { ...chair, category_id, seller_id: ada.id, id_account: ada.id, currency_code: 'USD' })
  assert.equal(typeof created_at, 'string')
  assert.equal(updated_at, created_at)
  const got = await shop.request('GET', `/api/v1/products/${String(id)}`)
  assert.deepEqual(got.body, { product: productIn(created), images: { url: [] }, videos: { url: [] } })
})

test('what a body says beyond the contract is neither stored nor shown', async () => {
  await using shop = await open()
  const beyond = {
    owner_id: nobody,
    version: 9,
    currency_code: 'XXX',
    removed_at: '2020-01-01T00:00:00Z',
    created_at: 0,
  }
  const body = { ...chair, category_id: shop.category_id }
  const created = await shop.request('POST', '/api/v1/products', { as: ada, body: { ...body, ...beyond } })
  const { id } = productIn(created)
  const changed = await shop.request('PUT', `/api/v1/products/${String(id)}`, {
    as: ada,
    body: { ...beyond, price: 126 },
  })
  assert.deepEqual([created.status, changed.status, changed.headers['etag']], [201, 200, '"2.1000"'])
  const got = productIn(await shop.request('GET', `/api/v1/products/${String(id)}`))
  assert.deepEqual(got, productIn(changed))
  const { created_at } = productIn(created)
  assert.deepEqual(
    { ...got, updated_at: undefined },
    {
      ...body,
      price: 126,
      id,
      seller_id: ada.id,
      id_account: ada.id,
      currency_code: 'USD',
      created_at,
      updated_at: undefined,
    },
  )
})

test('a new product is told with what was created, once', async () => {
  await using shop = await open()
  const { category_id } = shop
  const created = await shop.request('POST', '/api/v1/products', { as: ada, body: { ...chair, category_id } })
  const { name, description, brand_name, price } = chair
  const product_id = String(productIn(created)['id'])
  const data = { product_id, category_id, owner_id: ada.id, name, description, brand_name, price, currency_code: 'USD' }
  const [told, ...more] = await shop.published()
  assert.deepEqual([told?.type, told?.data, more], [ProductCreated.type, data, []])
})

test('the price that a purchase is quoted is the price of the product', async () => {
  await using shop = await open({ STORE_CURRENCY: 'VND' })
  const { category_id } = shop
  const created = await shop.request('POST', '/api/v1/products', { as: ada, body: { ...chair, category_id } })
  const id = String(productIn(created)['id'])
  const { products } = await shop.call(Quote, { product_ids: [id, nobody] })
  assert.deepEqual(products, [{ id, owner_id: ada.id, name: 'chair', price: 125, currency_code: 'VND' }])
})

test('a store whose currency is none of ISO 4217 does not open', async () => {
  for (const STORE_CURRENCY of ['XAU', 'ZZZ', 'usd']) await assert.rejects(open({ STORE_CURRENCY }), /STORE_CURRENCY: /)
})

test('a category that does not exist is refused by name, and nothing is created', async () => {
  await using shop = await open()
  const body = { ...chair, category_id: nobody }
  const refused = await shop.request('POST', '/api/v1/products', { as: ada, body })
  assert.equal(refused.status, 422)
  const { code, errors } = refused.body as { code: string; errors: readonly { pointer: string }[] }
  assert.deepEqual([code, errors[0]?.pointer], ['unknown-category', '/category_id'])
  assert.deepEqual(await shop.published(), [])
})

const bad: readonly (readonly [string, unknown])[] = [
  ['/price', { price: -1 }],
  ['/price', { price: 1.5 }],
  ['/price', { price: 2 ** 64 - 4 }],
  ['/price', { price: '125' }],
  ['/inventory', { inventory: -1 }],
  ['/inventory', { inventory: 2 ** 53 }],
  ['/name', { name: '' }],
  ['/name', { name: '   ' }],
  ['/name', { name: 'a\u0000b' }],
  ['/name', { name: 'x'.repeat(201) }],
  ['/description', { description: 5 }],
  ['/category_id', { category_id: 'not-a-uuid' }],
]
test('what cannot be is refused with the field that is wrong', async () => {
  await using shop = await open()
  for (const [pointer, part] of bad) {
    const body = { ...chair, category_id: shop.category_id, ...Object(part) }
    const refused = await shop.request('POST', '/api/v1/products', { as: ada, body })
    assert.equal(refused.status, 400, JSON.stringify(part))
    assert.equal((refused.body as { errors: readonly { pointer: string }[] }).errors[0]?.pointer, pointer)
  }
  assert.deepEqual(await shop.published(), [])
})

test('without a token there is no product, and no category', async () => {
  await using shop = await open()
  for (const path of ['/api/v1/products', '/api/v1/categories'])
    assert.equal((await shop.request('POST', path, { body: { ...chair, category_id: shop.category_id } })).status, 401)
})

test('in a curated marketplace only sellers and admins create', async () => {
  await using shop = await open({ MARKETPLACE: 'curated' })
  const body = { ...chair, category_id: shop.category_id }
  for (const path of ['/api/v1/products', '/api/v1/categories']) {
    const ask = (role: 'customer' | 'seller' | 'admin') =>
      shop.request('POST', path, { as: { ...ada, roles: [role] }, body })
    assert.equal((await ask('customer')).status, 403)
    assert.equal((await ask('seller')).status, 201)
    assert.equal((await ask('admin')).status, 201)
  }
})
