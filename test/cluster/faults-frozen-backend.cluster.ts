// One backend of PostgreSQL is stopped in the middle of a transaction of the shop's: it keeps its locks and ends nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freezeBackend } from '../faults/frozen-backend.ts'
import { assertAllCompleted, openGround, untilReady } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { buySteadily, howTheyWent, tally } from './steady-load.ts'

/** Ms that it is stopped for: more than a saga waits for its answers. */
const FROZEN = 45_000
/** Ms after which purchases that do not need what it has locked must complete again. */
const AROUND = 15_000
/**
 * Of these at least so many: the others may need a row that it has. One of payment's, for whoever has locked a product's row
 * keeps everybody from that product, and against that nothing can be done.
 */
const SHARE = 0.5

test('a backend is frozen in a transaction', { timeout: 300_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const { databaseUrl, shops, buyer, products } = await openGround({ database: 'argosy_backend' }, owned)
  const [shop] = shops
  assert.ok(shop !== undefined)
  const load = buySteadily({ shop: () => shop, buyer, products, perSecond: 10 })
  await sleep(3_000)
  const frozen = await freezeBackend(databaseUrl, { of: 'payment' })
  t.diagnostic(`frozen: a backend of ${frozen.service}, ${frozen.state}`)
  let since = 0
  let horizon = 0
  try {
    await sleep(AROUND)
    since = Date.now()
    horizon = await horizonOf(shop.url)
    await sleep(FROZEN - AROUND)
  } finally {
    frozen[Symbol.dispose]()
  }
  const thawed = Date.now()
  await load.stop()
  await t.test('others go on completing meanwhile', async () => {
    const others = (await howTheyWent(databaseUrl, load.accepted)).filter(
      ({ at }) => at >= since && at < thawed - 3_000,
    )
    const ended = others.filter(({ at, took = Infinity }) => at + took < thawed)
    t.diagnostic(`${ended.length} of ${others.length} before the thaw: ${JSON.stringify(tally(ended))}`)
    assert.ok(others.length > 100, `${others.length} were accepted; refused: ${JSON.stringify([...load.refusals])}`)
    assert.ok(ended.length >= others.length * SHARE)
  })
  await t.test('and its age is told meanwhile', () => assert.ok(horizon > AROUND / 1000 - 5, `${horizon} s`))
  await t.test('none is cancelled, and the thawed one does no harm', async () => {
    await untilReady(shop.url, 15_000)
    await assertAllCompleted(databaseUrl, load.accepted)
    await assertLaws(
      databaseUrl,
      load.accepted.map(({ id }) => id),
      load.unanswered(),
    )
  })
})

/** How old the oldest transaction is that writes to the log, in seconds, as the shop tells it. */
const horizonOf = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^argosy_log_horizon_seconds (\S+)$/m.exec(text)?.[1])
}
