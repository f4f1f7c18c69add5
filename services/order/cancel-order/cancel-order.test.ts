import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderCancelled } from '@argosy/contracts/messages/order'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { customer, markPaid, placeUnpaid, purchase, stranger } from '../test-orders.ts'

const one = purchase(1)
const cancelIt = (shop: Slice, as = customer, id = one) =>
  shop.request('POST', `/api/v1/orders/${id}/cancel`, { as: { id: as } })
const cancelled = OrderCancelled({ purchase_id: one, reason: 'cancelled-by-customer' })

const topics = { name: 'topics', text: 'select distinct topic from log.outbox order by topic' }

test('the owner cancels an order that is not paid; the purchase is told, once, on the topic of orders', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one))
  const answers = [await cancelIt(shop), await cancelIt(shop)]
  for (const { status, body } of answers) {
    assert.equal(status, 200)
    assert.equal(Object(body).status, 'cancelled')
    assert.equal(Object(body).reason, 'cancelled-by-customer')
  }
  assert.deepEqual(await shop.published(), [cancelled])
  const told = (await shop.db.query<{ topic: string }>(topics)).map(({ topic }) => topic)
  // Known failure: a cancel that is told where nobody listens. The purchase reads order.events.
  assert.equal(OrderCancelled.topic, 'order.events')
  assert.deepEqual(told, ['order.commands', 'order.events'])
})

test('a paid order is not cancelled, and neither is one of somebody else or none', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one), markPaid(one))
  const paid = await cancelIt(shop)
  assert.deepEqual([paid.status, Object(paid.body).code], [409, 'order-not-pending'])
  assert.match(Object(paid.body).detail, /^The order is paid; /)
  for (const answer of [await cancelIt(shop, stranger), await cancelIt(shop, customer, purchase(9))]) {
    assert.deepEqual([answer.status, Object(answer.body).code], [404, 'order-not-found'])
  }
  assert.deepEqual(await shop.published(), [])
})
