import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefused } from '@argosy/contracts/messages/order'
import { PlaceOrder } from '@argosy/contracts/messages/order'
import { ConstraintBroken } from '@kit/postgres/queryable'
import type { Message } from '@kit/message/message'
import { slice } from '@kit/testing/slice'
import { timetable } from '../domain/timetable.ts'
import { appendEvents } from '../event-store.ts'
import { order } from '../service.ts'
import { agreed, cancel, complete, markPaid, place, placeUnpaid, purchase } from '../test-orders.ts'
import { advanceOrders } from './handle.ts'

const [one, two] = [purchase(1), purchase(2)]

test('an order goes its way, each step told once however often it is asked for', async () => {
  await using shop = await slice(order)
  assert.deepEqual(await shop.deliver(place(one)), [OrderPlaced(agreed(one))])
  assert.deepEqual(await shop.deliver(markPaid(one)), [OrderPaid({ purchase_id: one })])
  assert.deepEqual(await shop.deliver(complete(one)), [OrderCompleted({ purchase_id: one })])
  // A redelivered command is not "already exists, so it failed".
  assert.deepEqual(await shop.deliver(place(one), markPaid(one)), [
    OrderPlaced(agreed(one)),
    OrderPaid({ purchase_id: one }),
  ])
  assert.deepEqual(await versions(shop, one), [1, 2, 3])
})

test('a batch may hold the whole life of an order, and those of others', async () => {
  await using shop = await slice(order)
  const told = await shop.deliver(place(one), place(two), markPaid(one), cancel(two), complete(one))
  assert.deepEqual(
    told.filter(({ key }) => key === one),
    [OrderPlaced(agreed(one)), OrderPaid({ purchase_id: one }), OrderCompleted({ purchase_id: one })],
  )
  assert.deepEqual(await versions(shop, one), [1, 2, 3])
  assert.deepEqual(await versions(shop, two), [1, 2])
})

test('a cancel that overtakes its order keeps it from being placed', async () => {
  await using shop = await slice(order)
  assert.deepEqual(await shop.deliver(cancel(one, 'timed out')), [
    OrderCancelled({ purchase_id: one, reason: 'timed out' }),
  ])
  assert.deepEqual(await shop.deliver(place(one)), [
    OrderRefused({ purchase_id: one, command: PlaceOrder.type, reason: 'timed out' }),
  ])
  assert.deepEqual(await versions(shop, one), [1])
})

test('a payment that comes after the cancel is refused for its reason, and the cancel stands', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one), cancel(one))
  const [refused] = await shop.deliver(markPaid(one))
  assert.deepEqual(refused?.data, { purchase_id: one, command: 'order.mark-paid.v1', reason: 'payment declined' })
  assert.deepEqual(await shop.deliver(cancel(one, 'another reason')), [
    OrderCancelled({ purchase_id: one, reason: 'payment declined' }),
  ])
})

test('two who append at the same version cannot both succeed', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one))
  const append = shop.db.transaction(async (tx) =>
    appendEvents(tx, [{ event: OrderPaid({ purchase_id: one }), version: 1, at: new Date() }]),
  )
  await assert.rejects(append, (error) => error instanceof ConstraintBroken && error.constraint === 'order_event_pkey')
})

const countTimers = { name: 'count timers', text: 'select count(*)::int as n from job' }

test('an order paid by card has no timer, and its batch no further statement', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one), cancel(purchase(9)))
  assert.deepEqual(await shop.db.query(countTimers), [{ n: 0 }])
  const statements = (...commands: readonly Message[]): Promise<number> =>
    shop.db.transaction(async (tx) => {
      let count = 0
      const counting = {
        ...tx,
        query: ((statement, values) => (count++, tx.query(statement, values))) as typeof tx.query,
      }
      await advanceOrders(timetable([], 1)).handle(commands, counting, shop.platform)
      return count
    })
  assert.equal(await statements(place(purchase(2)), place(purchase(3))), 3)
  assert.equal(await statements(place(purchase(4)), placeUnpaid(purchase(5))), 4)
})

const selectVersions = {
  name: 'versions',
  text: 'select version from order_event where stream = $1 order by version',
}

const versions = async (shop: Awaited<ReturnType<typeof slice>>, id: string): Promise<readonly number[]> =>
  (await shop.db.query<{ version: number }>(selectVersions, [id])).map(({ version }) => version)
