import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { OrderUpdated } from '@argosy/contracts/messages/order'
import { lockedPages } from '@kit/testing/locked-page'
import { slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { agreed, cancel, complete, markPaid, place, placeUnpaid, purchase, seller } from '../test-orders.ts'
import { orders } from './facts.ts'

test('every order that was placed is told as it stands now, with what was agreed', async () => {
  await using shop = await slice(order)
  const placed_at = shop.platform.clock.now().toISOString()
  await shop.deliver(place(purchase(1)), placeUnpaid(purchase(2)), place(purchase(3)), cancel(purchase(4)))
  shop.platform.clock.advance(1000)
  const updated_at = shop.platform.clock.now().toISOString()
  await shop.deliver(markPaid(purchase(1)), complete(purchase(1)), cancel(purchase(3)))
  await shop.request('POST', `/api/v1/orders/${purchase(1)}/refund`, {
    as: { id: seller },
    body: { amount: 1000 },
    headers: { 'idempotency-key': randomUUID() },
  })
  const card = { payment_method: 'card', refunded: 0, placed_at } as const
  const [first = [], second = []] = await lockedPages(shop.db, orders, { table: 'orders', limit: 2 })
  assert.deepEqual(
    [first, second],
    [
      [
        OrderUpdated({ ...agreed(purchase(1)), ...card, status: 'PARTIALLY_REFUNDED', refunded: 1000, updated_at }),
        OrderUpdated({
          ...agreed(purchase(2)),
          ...card,
          status: 'PENDING',
          payment_method: 'transfer',
          updated_at: placed_at,
        }),
      ],
      [
        OrderUpdated({
          ...agreed(purchase(3)),
          ...card,
          status: 'CANCELLED',
          reason: 'payment declined',
          updated_at,
        }),
      ],
    ],
  )
  for (const { data } of [...first, ...second]) OrderUpdated.parse(data)
})
