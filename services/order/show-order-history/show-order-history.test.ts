import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { agreed, complete, customer, markPaid, place, purchase } from '../test-orders.ts'

test('the history is every event of the order, oldest first, with its time', async () => {
  await using shop = await slice(order)
  const one = purchase(1)
  await shop.deliver(place(one))
  const placedAt = shop.platform.clock.now().toISOString()
  shop.platform.clock.advance(60_000)
  await shop.deliver(markPaid(one), complete(one))
  const later = shop.platform.clock.now().toISOString()
  const { body } = await shop.request('GET', `/api/v1/orders/${one}/history`, { as: { id: customer } })
  assert.deepEqual(body, {
    id: one,
    events: [
      { version: 1, type: 'order.order-placed.v1', at: placedAt, data: agreed(one) },
      { version: 2, type: 'order.order-paid.v1', at: later, data: { purchase_id: one } },
      { version: 3, type: 'order.order-completed.v1', at: later, data: { purchase_id: one } },
    ],
  })
})
