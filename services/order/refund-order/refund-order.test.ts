import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ReturnStock } from '@argosy/contracts/messages/inventory'
import { OrderRefunded } from '@argosy/contracts/messages/order'
import { IssueRefund } from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { complete, customer, lamp, markPaid, place, purchase, seller, stranger } from '../test-orders.ts'

const one = purchase(1)
type Asking = { readonly as?: As; readonly key?: string }
type As = { readonly id: string; readonly roles?: readonly ('customer' | 'seller' | 'admin')[] }
const refund = (shop: Slice, body: object, { as = { id: seller }, key = randomUUID() }: Asking = {}) =>
  shop.request('POST', `/api/v1/orders/${one}/refund`, {
    as,
    body,
    headers: { 'idempotency-key': key },
  })
const sold = async (): Promise<Slice> => {
  const shop = await slice(order)
  await shop.deliver(place(one), markPaid(one), complete(one))
  return shop
}
const codeOf = ({ status, body }: { status: number; body: unknown }) => [status, Object(body).code]

test('the seller gives back a part, then all that is left; money and units are asked for with it', async () => {
  await using shop = await sold()
  const restock = [{ product_id: lamp, quantity: 2 }]
  const part = await refund(shop, { amount: 1000, restock })
  assert.equal(part.status, 201)
  const { refund_id, amount, order: shown } = Object(part.body)
  assert.deepEqual([amount, shown.status, shown.refunded], [1000, 'partially-refunded', 1000])
  assert.deepEqual(
    (await shop.published()).toSorted(byType),
    [
      OrderRefunded({ purchase_id: one, refund_id, amount: 1000, restock, remaining: 2750 }),
      IssueRefund({ purchase_id: one, refund_id, amount: 1000 }),
      ReturnStock({ purchase_id: one, refund_id, lines: restock }),
    ].toSorted(byType),
  )
  const rest = await refund(shop, {})
  assert.deepEqual([Object(rest.body).amount, Object(rest.body).order.status], [2750, 'refunded'])
  assert.deepEqual(codeOf(await refund(shop, { amount: 1 })), [422, 'refund-too-large'])
})

test('after all the money has gone back, units still go back to the stock, and no money with them', async () => {
  await using shop = await sold()
  assert.equal((await refund(shop, {})).status, 201)
  await shop.published()
  const restock = [{ product_id: lamp, quantity: 2 }]
  const { status, body } = await refund(shop, { restock }, { key: 'parcel' })
  const { refund_id, amount, order: shown } = Object(body)
  assert.deepEqual([status, amount, shown.status, shown.refunded], [201, 0, 'refunded', 3750])
  assert.deepEqual(
    (await shop.published()).toSorted(byType),
    [
      OrderRefunded({ purchase_id: one, refund_id, amount: 0, restock, remaining: 0 }),
      ReturnStock({ purchase_id: one, refund_id, lines: restock }),
    ].toSorted(byType),
  )
  assert.equal(Object((await refund(shop, { restock }, { key: 'parcel' })).body).refund_id, refund_id)
  assert.deepEqual(codeOf(await refund(shop, { restock: [{ product_id: lamp, quantity: 2 }] })), [
    422,
    'refund-too-large',
  ])
  assert.deepEqual(codeOf(await refund(shop, {})), [422, 'refund-too-large'])
})

test('never more than was paid, however many ask at once', async () => {
  await using shop = await sold()
  const answers = await Promise.all(Array.from({ length: 8 }, () => refund(shop, { amount: 1000 })))
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 201, 201, 422, 422, 422, 422, 422],
  )
  assert.deepEqual(codeOf(await refund(shop, { amount: 751 })), [422, 'refund-too-large'])
  assert.deepEqual(codeOf(await refund(shop, { restock: [{ product_id: lamp, quantity: 4 }] })), [
    422,
    'refund-too-large',
  ])
})

test('one key is one refund, also when it is asked ten times at once', async () => {
  await using shop = await sold()
  const answers = await Promise.all(Array.from({ length: 10 }, () => refund(shop, { amount: 700 }, { key: 'a' })))
  assert.equal(new Set(answers.map(({ body }) => Object(body).refund_id)).size, 1)
  for (const { status, body } of answers) assert.deepEqual([status, Object(body).order.refunded], [201, 700])
  assert.equal((await shop.published()).length, 2)
  assert.deepEqual(codeOf(await refund(shop, { amount: 701 }, { key: 'a' })), [422, 'idempotency-key-reused'])
  assert.equal((await refund(shop, { amount: 700 }, { key: 'b' })).status, 201)
})

test('without a key nothing is given back, and the answer names the header', async () => {
  await using shop = await sold()
  const { status, body } = await shop.request('POST', `/api/v1/orders/${one}/refund`, { as: { id: seller }, body: {} })
  assert.deepEqual([status, Object(body).code], [400, 'invalid-request'])
  assert.deepEqual(Object(body).errors, [{ pointer: 'header: Idempotency-Key', detail: 'is required' }])
  assert.deepEqual(await shop.published(), [])
})

test('an admin may; the customer may not; for a stranger there is no such order', async () => {
  await using shop = await sold()
  assert.deepEqual(codeOf(await refund(shop, {}, { as: { id: customer } })), [403, 'forbidden'])
  assert.deepEqual(codeOf(await refund(shop, {}, { as: { id: stranger } })), [404, 'order-not-found'])
  assert.equal((await refund(shop, {}, { as: { id: stranger, roles: ['admin'] } })).status, 201)
})

test('an order that is not completed is not refunded', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one))
  assert.deepEqual(codeOf(await refund(shop, {})), [409, 'order-not-paid'])
  assert.deepEqual(await shop.published(), [])
})

const byType = (a: { readonly type: string }, b: { readonly type: string }): number => (a.type < b.type ? -1 : 1)
