import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { catalog } from '../service.ts'
import { inventoryPlayed } from '../test-inventory.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }
const eve = { id: '01930000-0000-7000-8000-0000000000e1' }
const admin = { id: '01930000-0000-7000-8000-0000000000ad', roles: ['admin'] as const }

/** A category of Ada's. */
const open = async () => {
  const shop = await slice(catalog, { procedures: inventoryPlayed().procedures })
  const body = { name: 'Chairs', description: 'To sit on' }
  const category = categoryIn(await shop.request('POST', '/api/v1/categories', { as: ada, body }))
  return Object.assign(shop, { category, path: `/api/v1/categories/${String(category['id'])}` })
}
type Answer = Awaited<ReturnType<Slice['request']>>
const categoryIn = ({ body }: Answer) => (body as { category: Record<string, unknown> }).category
const codeOf = ({ status, body }: Answer) => [status, (body as { code: string }).code]

test('only the fields that are sent change; the answer does not tell the owner', async () => {
  await using shop = await open()
  shop.platform.clock.advance(1000)
  const changed = await shop.request('PUT', shop.path, { as: ada, body: { name: 'Stools' } })
  assert.equal(changed.status, 200)
  const updated_at = shop.platform.clock.now().toISOString()
  const { id, created_at } = shop.category
  const stools = { id, name: 'Stools', description: 'To sit on', created_at, updated_at }
  assert.deepEqual(changed.body, { category: stools })
  assert.deepEqual((await shop.request('GET', shop.path)).body, { category: stools })
  const emptied = await shop.request('PUT', shop.path, { as: ada, body: { description: '' } })
  assert.deepEqual(categoryIn(emptied), { ...stools, description: '' })
})

test('nothing sent changes nothing', async () => {
  await using shop = await open()
  shop.platform.clock.advance(1000)
  assert.deepEqual(categoryIn(await shop.request('PUT', shop.path, { as: ada, body: {} })), shop.category)
})

test('only the owner or an admin changes a category', async () => {
  await using shop = await open()
  const body = { name: 'Mine' }
  assert.deepEqual(codeOf(await shop.request('PUT', shop.path, { as: eve, body })), [403, 'forbidden'])
  assert.deepEqual(codeOf(await shop.request('PUT', shop.path, { body })), [401, 'unauthenticated'])
  assert.deepEqual(categoryIn(await shop.request('GET', shop.path)), shop.category)
  assert.equal(categoryIn(await shop.request('PUT', shop.path, { as: admin, body }))['name'], 'Mine')
})

test('a category that does not exist, and a name that cannot be read, are refused', async () => {
  await using shop = await open()
  const absent = '/api/v1/categories/01930000-0000-7000-8000-0000000000ff'
  const body = { name: 'Stools' }
  assert.deepEqual(codeOf(await shop.request('PUT', absent, { as: ada, body })), [404, 'category-not-found'])
  assert.equal((await shop.request('PUT', shop.path, { as: ada, body: { name: ' ' } })).status, 400)
  assert.deepEqual(categoryIn(await shop.request('GET', shop.path)), shop.category)
})
