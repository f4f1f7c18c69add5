// One of two instances is stopped as a machine stops that gets no time: its connections stay open. The other takes over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { freeze } from '../faults/frozen-process.ts'
import { assertAllCompleted, openGround, untilReady } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { buySteadily, howTheyWent, tally, type Accepted } from './steady-load.ts'

/** Ms that it is stopped for: more than a saga waits for its answers. */
const FROZEN = 45_000
/** Ms in which the other has taken over, and in which a purchase goes through from then on. */
const TAKES_OVER = 10_000
const GOES_THROUGH = 4_000

test('an instance is frozen', { timeout: 400_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const ground = await openGround({ database: 'argosy_frozen', instances: 2 }, owned)
  const { databaseUrl, buyer, products } = ground
  const [victim, healthy] = ground.instances
  const [itsShop, shop] = ground.shops
  assert.ok(victim !== undefined && healthy !== undefined && itsShop !== undefined && shop !== undefined)
  const accepted: Accepted[] = []
  let unanswered = 0

  const whileFrozen = async (stop: () => Disposable | Promise<Disposable>): Promise<void> => {
    const load = buySteadily({ shop: () => shop, buyer, products, perSecond: 10 })
    await sleep(3_000)
    const frozen = await stop()
    try {
      const began = Date.now()
      await sleep(TAKES_OVER)
      const tookOver = Date.now()
      await sleep(FROZEN - TAKES_OVER)
      const sofar = await howTheyWent(databaseUrl, load.accepted)
      const before = sofar.filter(({ at }) => at < tookOver)
      const after = sofar.filter(({ at }) => at >= tookOver && at < began + FROZEN - GOES_THROUGH)
      t.diagnostic(
        `accepted before it took over: ${JSON.stringify(tally(before))}, after: ${JSON.stringify(tally(after))}`,
      )
      assert.deepEqual(tally(before), { completed: before.length })
      assert.deepEqual(tally(after), { completed: after.length })
      const slow = after.filter(({ took = Infinity }) => took > GOES_THROUGH)
      assert.deepEqual(slow, [], `${slow.length} of ${after.length} took longer than ${GOES_THROUGH} ms`)
    } finally {
      frozen[Symbol.dispose]()
      await load.stop()
      accepted.push(...load.accepted)
      unanswered += load.unanswered()
    }
    assert.deepEqual([...load.refusals], [])
  }
  const noHarm = async (): Promise<void> => {
    await untilReady(victim.url, 15_000)
    const both = buySteadily({ shop: (n) => (n % 2 === 0 ? shop : itsShop), buyer, products, perSecond: 10 })
    await sleep(4_000)
    await both.stop()
    accepted.push(...both.accepted)
    assert.deepEqual([...both.refusals], [])
    await assertAllCompleted(databaseUrl, accepted)
    await assertLaws(
      databaseUrl,
      accepted.map(({ id }) => id),
      unanswered,
    )
  }

  await t.test('at rest: the other completes purchases again', () => whileFrozen(() => freeze(victim.pid)))
  await t.test('and does no harm when it goes on', noHarm)
  await t.test('in the middle of a transaction: the other completes purchases again', async () => {
    const busy = buySteadily({ shop: () => itsShop, buyer, products, perSecond: 40 })
    try {
      await whileFrozen(async () => {
        const frozen = await freezeInTransaction(victim, databaseUrl)
        void busy.stop()
        return frozen
      })
    } finally {
      await busy.stop()
      accepted.push(...busy.accepted)
      unanswered += busy.unanswered()
    }
  })
  await t.test('and does no harm when it goes on, again', noHarm)
})

/** Stops it until one of its transactions is open at that moment: nobody ends it, so it stays so. */
const freezeInTransaction = async ({ pid }: FleetProcess, url: string): Promise<Disposable> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      const frozen = freeze(pid)
      await sleep(300)
      const { rowCount } = await client.query(LEFT_OPEN)
      if ((rowCount ?? 0) > 0) return frozen
      frozen[Symbol.dispose]()
      await sleep(100)
    }
    throw new Error('never caught in a transaction')
  } finally {
    await client.end()
  }
}

const LEFT_OPEN = `
  select from pg_stat_activity
   where datname = current_database() and application_name like 'argosy%' and backend_xid is not null
     and state = 'idle in transaction' and state_change < now() - interval '250 ms'`
