import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { cancel, customer, place, purchase, stranger } from '../test-orders.ts'

const ids = (body: unknown): readonly string[] => Object(body).data.map(({ id }: { id: string }) => id)

test('orders are listed newest first, page by page, only one’s own', async () => {
  await using shop = await slice(order)
  await shop.deliver(...[1, 2, 3].map((n) => place(purchase(n))), cancel(purchase(4)))
  const list = (query: string, who = customer) =>
    shop.request('GET', `/api/v1/orders?${query}`, { as: { id: who } }).then(({ body }) => body)
  const first = await list('limit=2')
  assert.deepEqual(ids(first), [purchase(3), purchase(2)])
  const second = await list(`limit=2&cursor=${Object(first).page.next}`)
  assert.deepEqual(ids(second), [purchase(1)])
  assert.equal(Object(second).page.next, null)
  assert.deepEqual(ids(await list('', stranger)), [])
})

test('a list can be of one status, and a cursor belongs to its list', async () => {
  await using shop = await slice(order)
  await shop.deliver(...[1, 2, 3].map((n) => place(purchase(n))), cancel(purchase(2)))
  const list = (query: string, who = customer) => shop.request('GET', `/api/v1/orders?${query}`, { as: { id: who } })
  for (const status of ['cancelled', 'CANCELLED'])
    assert.deepEqual(ids((await list(`status=${status}`)).body), [purchase(2)])
  for (const status of ['partially-refunded', 'PARTIALLY_REFUNDED'])
    assert.deepEqual(ids((await list(`status=${status}`)).body), [])
  const { next } = Object((await list('limit=1')).body).page
  for (const answer of [await list(`status=pending&cursor=${next}`), await list(`cursor=${next}`, stranger)]) {
    assert.equal(answer.status, 400)
  }
  assert.equal((await list('status=GONE')).status, 400)
})
