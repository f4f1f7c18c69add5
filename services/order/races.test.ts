import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderPaid, OrderRefused } from '@argosy/contracts/messages/order'
import { sql } from '@kit/postgres/statement'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { timetable } from './domain/timetable.ts'
import { advanceOrders } from './advance-order/handle.ts'
import { order } from './service.ts'
import { customer, markPaid, placeUnpaid, purchase } from './test-orders.ts'

// Whoever comes second to an order decides on what the first has made of it.

const passTime = sql(import.meta.url, 'test-pass-time.sql')
const keep = advanceOrders(timetable([], 1))
const cancelIt = (shop: Slice, id: string) =>
  shop.request('POST', `/api/v1/orders/${id}/cancel`, { as: { id: customer } })

test('a payment and a cancel at the same moment: one wins, and the other decides on what it has made of the order', async () => {
  await using shop = await slice(order)
  const ids = Array.from({ length: 20 }, (_, n) => purchase(100 + n))
  await shop.deliver(...ids.map(placeUnpaid))
  const outcomes = await Promise.all(
    ids.map(async (id) => {
      const paying = shop.db.transaction((tx) => keep.handle([markPaid(id)], tx, shop.platform))
      const [told, answer] = await Promise.all([paying, cancelIt(shop, id)])
      return {
        paid: told[0]?.type === OrderPaid.type,
        refused: told[0]?.type === OrderRefused.type,
        status: answer.status,
      }
    }),
  )
  for (const { paid, refused, status } of outcomes) {
    assert.ok(paid !== refused)
    assert.equal(status, paid ? 409 : 200)
  }
})

test('payment and expiry at the same moment: one of them, on every order', async () => {
  await using shop = await slice(order)
  const ids = Array.from({ length: 40 }, (_, n) => purchase(100 + n))
  await shop.deliver(...ids.map(placeUnpaid))
  await shop.db.query(passTime, ['25 h'])
  const paying = ids.map((id) => shop.db.transaction((tx) => keep.handle([markPaid(id)], tx, shop.platform)))
  const [answers] = await Promise.all([Promise.all(paying), shop.drain()])
  const paid = answers.flat().flatMap((told) => (told.type === OrderPaid.type ? [told.key] : []))
  const cancelled = (await shop.published()).map(({ key }) => key)
  assert.deepEqual([...paid, ...cancelled].toSorted(), ids.toSorted())
})
