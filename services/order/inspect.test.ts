import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { historyOf, orderAsOf } from './inspect.ts'
import { order } from './service.ts'
import { cancel, complete, markPaid, place, purchase, seller } from './test-orders.ts'

const one = purchase(1)

test('an order is shown as it stood at any time', async () => {
  await using shop = await slice(order)
  const times: Date[] = [new Date(shop.platform.clock.now().getTime() - 1)]
  const step = async (work: () => Promise<unknown>): Promise<void> => {
    await work()
    times.push(shop.platform.clock.now())
    shop.platform.clock.advance(60_000)
  }
  await step(() => shop.deliver(place(one)))
  await step(() => shop.deliver(markPaid(one)))
  await step(() => shop.deliver(complete(one)))
  const refund = { as: { id: seller }, body: { amount: 250 }, headers: { 'idempotency-key': 'parcel-1' } }
  await step(() => shop.request('POST', `/api/v1/orders/${one}/refund`, refund))
  const then = await Promise.all(times.map((time) => orderAsOf(shop.db, one, time)))
  assert.deepEqual(
    then.map((document) => document && [document.status, document.refunded]),
    [undefined, ['pending', 0], ['paid', 0], ['completed', 0], ['partially-refunded', 250]],
  )
  assert.deepEqual(
    (await historyOf(shop.db, one)).map(({ version }) => version),
    [1, 2, 3, 4],
  )
})

test('where the clock has jumped back, the order of the events decides, not their times', async () => {
  await using shop = await slice(order)
  const { clock } = shop.platform
  await shop.deliver(place(one))
  clock.advance(60_000)
  await shop.deliver(markPaid(one))
  clock.advance(-30_000)
  await shop.deliver(complete(one))
  assert.equal((await orderAsOf(shop.db, one, clock.now()))?.status, 'pending')
  clock.advance(30_000)
  assert.equal((await orderAsOf(shop.db, one, clock.now()))?.status, 'completed')
})

test('what was cancelled before it was placed was never an order', async () => {
  await using shop = await slice(order)
  await shop.deliver(cancel(one))
  assert.equal(await orderAsOf(shop.db, one, shop.platform.clock.now()), undefined)
  assert.deepEqual(await historyOf(shop.db, purchase(2)), [])
})
