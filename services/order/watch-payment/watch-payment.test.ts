import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import { OrderCancelled, PaymentReminded } from '@argosy/contracts/messages/order'
import { listDeadJobs } from '@kit/jobs/dead-jobs'
import { JobRunner } from '@kit/jobs/runner'
import type { Message } from '@kit/message/message'
import { sql } from '@kit/postgres/statement'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { timetable } from '../domain/timetable.ts'
import { order } from '../service.ts'
import { complete, markPaid, placeUnpaid, purchase } from '../test-orders.ts'
import { watchPayments } from './worker.ts'

const one = purchase(1)
const passTime = sql(import.meta.url, '../test-pass-time.sql')
const countTimers = {
  name: 'count timers',
  text: "select count(*)::int as n from job where type = 'order.watch-payment'",
}

/** So much time passes; then the service does what is due. Returns what it has told. */
const after = async (shop: Slice, interval: string): Promise<readonly Message[]> => {
  await shop.db.query(passTime, [interval])
  await shop.drain()
  return shop.published()
}
const numbers = (messages: readonly Message[]): readonly number[] =>
  messages.map((message) => {
    assert.equal(message.type, PaymentReminded.type)
    return PaymentReminded.parse(message.data).data.number
  })
const timers = async (shop: Slice): Promise<number | undefined> =>
  (await shop.db.query<{ n: number }>(countTimers))[0]?.n

test('an order that nobody pays is reminded of three times, then cancelled; the purchase is told', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one))
  assert.equal(await timers(shop), 1)
  assert.deepEqual(await after(shop, '3 h 59 min'), [])
  const [first] = await after(shop, '1 min')
  const reminder = PaymentReminded.parse(first?.data).data
  assert.deepEqual([reminder.number, reminder.purchase_id, reminder.amount], [1, one, 3750])
  // Known failure: reminders that stop after the first.
  assert.deepEqual(numbers(await after(shop, '8 h')), [2])
  assert.deepEqual(numbers(await after(shop, '10 h')), [3])
  assert.deepEqual(await after(shop, '1 h 59 min'), [])
  const told = await after(shop, '1 min')
  assert.deepEqual(told, [OrderCancelled({ purchase_id: one, reason: 'not-paid-in-time' })])
  assert.equal(await timers(shop), 0)
})

test('a reminder says when the order will be cancelled: a day after its placing, by the clock of the database', async () => {
  await using shop = await slice(order)
  // The process is a year behind; nobody asks it.
  shop.platform.clock.advance(-365 * 86_400_000)
  await shop.deliver(placeUnpaid(one))
  const [first] = await after(shop, '4 h')
  const left = Date.parse(PaymentReminded.parse(first?.data).data.expires_at) - Date.now()
  assert.ok(Math.abs(left - 20 * 3_600_000) < 60_000, `${left} ms are left`)
})

test('a fleet that was down sends one late reminder, not all that it has missed', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one))
  assert.deepEqual(numbers(await after(shop, '23 h')), [3])
  assert.deepEqual(numbers(await after(shop, '30 min')), [])
  assert.deepEqual(
    (await after(shop, '30 min')).map(({ type }) => type),
    [OrderCancelled.type],
  )
})

test('a fleet that was down for days cancels without a reminder', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one))
  assert.deepEqual(
    (await after(shop, '5 days')).map(({ type }) => type),
    [OrderCancelled.type],
  )
})

test('a clock that is put back repeats nothing', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one))
  assert.deepEqual(numbers(await after(shop, '4 h')), [1])
  await shop.db.query(passTime, ['-3 h'])
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await shop.published(), [])
  assert.deepEqual(await after(shop, '3 h'), [])
  assert.deepEqual(numbers(await after(shop, '8 h')), [2])
})

test('a paid order is left alone by its timer, however late that is', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one), markPaid(one), complete(one))
  assert.deepEqual(await after(shop, '5 days'), [])
  assert.equal(await timers(shop), 0)
})

test('two instances that look at the same timers remind once of each order', async () => {
  await using shop = await slice(order)
  const ids = Array.from({ length: 60 }, (_, n) => purchase(100 + n))
  await shop.deliver(...ids.map(placeUnpaid))
  await shop.db.query(passTime, ['4 h'])
  const told: Message[] = []
  const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }
  const instance = () => {
    const send: ConstructorParameters<typeof JobRunner>[0]['send'] = (_tx, outgoing) => {
      for (const message of outgoing) if (message.kind !== 'job') told.push(message)
    }
    const { db, platform } = shop
    return new JobRunner({
      workers: [watchPayments(timetable([14_400_000], 86_400_000))],
      db,
      send,
      platform,
      telemetry,
    })
  }
  await Promise.all([instance().drain(), instance().drain(), instance().drain()])
  assert.deepEqual(told.map(({ key }) => key).toSorted(), ids.toSorted())
})

test('a look that fails just before its end is repeated, and what it told was never told', async () => {
  let fail = false
  const failpoint = (name: string): void => {
    if (!fail || name !== 'job.before-commit') return
    throw markFault(new Error('the connection is gone'), 'transient')
  }
  await using shop = await slice(order, { failpoint })
  await shop.deliver(placeUnpaid(one))
  fail = true
  await assert.rejects(after(shop, '4 h'), /the connection is gone/)
  fail = false
  await shop.drain()
  assert.deepEqual(numbers(await shop.published()), [1])
  assert.equal(await timers(shop), 1)
})

test('a timer does not die of its tries, whatever fails; it does what is due when that is mended', async () => {
  await using shop = await slice(order)
  await shop.deliver(placeUnpaid(one))
  const broken = `alter table orders add constraint none_is_cancelled check (status <> 'CANCELLED') not valid`
  await shop.db.query({ name: 'break', text: broken })
  // Far more often than other jobs are tried within minutes.
  for (let n = 0; n < 20; n++) assert.deepEqual(await after(shop, '24 h'), [])
  assert.deepEqual(await listDeadJobs(shop.db), [])
  await shop.db.query({ name: 'mend', text: 'alter table orders drop constraint none_is_cancelled' })
  assert.deepEqual(await after(shop, '24 h'), [OrderCancelled({ purchase_id: one, reason: 'not-paid-in-time' })])
})

test('how long is configured', async () => {
  await using shop = await slice(order, { config: { ORDER_REMINDERS: '20s, 10s', ORDER_EXPIRY: '30s' } })
  await shop.deliver(placeUnpaid(one))
  assert.deepEqual(numbers(await after(shop, '10 s')), [1])
  assert.deepEqual(numbers(await after(shop, '10 s')), [2])
  assert.deepEqual(
    (await after(shop, '10 s')).map(({ type }) => type),
    [OrderCancelled.type],
  )
})
