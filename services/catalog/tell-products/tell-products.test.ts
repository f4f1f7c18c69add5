import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProductUpdated } from '@argosy/contracts/messages/catalog'
import { lockedPages } from '@kit/testing/locked-page'
import { slice } from '@kit/testing/slice'
import { catalog } from '../service.ts'
import { inventoryPlayed } from '../test-inventory.ts'
import { products } from './facts.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }

test('every product that is on sale is told as it is now, page by page; removed ones are not', async () => {
  await using shop = await slice(catalog, { procedures: inventoryPlayed().procedures })
  const made = await shop.request('POST', '/api/v1/categories', { as: ada, body: { name: 'Chairs' } })
  const category_id = Object(made.body).category.id
  const body = { category_id, description: 'Oak', brand_name: 'Thonet', price: 125, inventory: 10 }
  const ids: string[] = []
  for (const name of ['one', 'two', 'three', 'four']) {
    const answer = await shop.request('POST', '/api/v1/products', { as: ada, body: { ...body, name } })
    ids.push(Object(answer.body).product.id)
  }
  await shop.request('DELETE', `/api/v1/products/${ids[1]}`, { as: ada })
  await shop.request('PUT', `/api/v1/products/${ids[2]}`, { as: ada, body: { name: 'third', price: 130 } })
  const product = { category_id, owner_id: ada.id, description: 'Oak', brand_name: 'Thonet', currency_code: 'USD' }
  const told = (id = '', name = '', price = 125) => ProductUpdated({ ...product, product_id: id, name, price })
  assert.deepEqual(await lockedPages(shop.db, products, { table: 'product', limit: 2 }), [
    [told(ids[0], 'one'), told(ids[2], 'third', 130)],
    [told(ids[3], 'four')],
  ])
})
