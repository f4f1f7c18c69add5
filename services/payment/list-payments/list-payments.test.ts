import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import { authorize, customer, purchase, stranger, voidPayment } from '../test-payments.ts'

const ids = (body: unknown): readonly string[] => Object(body).data.map(({ id }: { id: string }) => id)

test('payments are listed newest first, page by page, only one’s own', async () => {
  await using shop = await slice(payment)
  await shop.deliver(...[1, 2, 3].map((n) => authorize(purchase(n))), voidPayment(purchase(4)))
  const list = (query: string, who = customer) => shop.request('GET', `/api/v1/payments?${query}`, { as: { id: who } })
  const { body: first } = await list('limit=2')
  assert.deepEqual(ids(first), [purchase(3), purchase(2)])
  const { next } = Object(first).page
  const { body: second } = await list(`limit=2&cursor=${next}`)
  assert.deepEqual(ids(second), [purchase(1)])
  assert.equal(Object(second).page.next, null)
  assert.deepEqual(ids((await list('', stranger)).body), [])
  assert.equal((await list(`cursor=${next}`, stranger)).status, 400)
})
