// A transaction of somebody else's, in another database of the same server, stays open: it is none of the shop's business.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openForeignTransaction } from '../faults/foreign-transaction.ts'
import { assertAllCompleted, commitsPerSecond, openGround, readiness } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { buySteadily, howTheyWent, median } from './steady-load.ts'

/** Ms of buying while it is open, of waiting and of counting what idle readers do: together more than a saga's patience. */
const BUYING = 20_000
const COUNTING = 15_000
const PER_SECOND = 10
/** A median may be twice as long as before, and on a busy machine so many ms longer. */
const NOISE = 40
const IDLE_COMMITS = 20

test('purchases go on while a foreign transaction is open', { timeout: 240_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const { databaseUrl, shops, buyer, products } = await openGround({ database: 'argosy_foreign' }, owned)
  const [shop] = shops
  assert.ok(shop !== undefined)
  const load = { shop: () => shop, buyer, products, perSecond: PER_SECOND }
  const before = buySteadily(load)
  await sleep(10_000)
  await before.stop()
  await assertAllCompleted(databaseUrl, before.accepted)
  // The first ones warm it up.
  const usual = median((await howTheyWent(databaseUrl, before.accepted)).slice(PER_SECOND * 2))

  const foreign = owned.use(await openForeignTransaction(databaseUrl))
  const meanwhile = buySteadily(load)
  await sleep(BUYING)
  await meanwhile.stop()
  await t.test('at the usual speed', async () => {
    await sleep(3_000)
    const slowed = median(await howTheyWent(databaseUrl, meanwhile.accepted))
    t.diagnostic(`median ${usual.toFixed(0)} ms before, ${slowed.toFixed(0)} ms meanwhile`)
    assert.ok(slowed <= Math.max(2 * usual, usual + NOISE), `${slowed} ms instead of ${usual}`)
  })
  await t.test('and readers that have nothing to do are quiet', async () => {
    const commits = await commitsPerSecond(databaseUrl, COUNTING)
    t.diagnostic(`${commits.toFixed(1)} commits/s`)
    assert.ok(commits < IDLE_COMMITS, `${commits.toFixed(1)} commits/s`)
    assert.deepEqual((await readiness(shop.url)).status, 200)
  })
  await foreign[Symbol.asyncDispose]()
  await t.test('none is refused or cancelled for it', async () => {
    await assertAllCompleted(databaseUrl, meanwhile.accepted)
    assert.deepEqual([...meanwhile.refusals], [])
  })
  await t.test('the laws hold', () =>
    assertLaws(
      databaseUrl,
      [...before.accepted, ...meanwhile.accepted].map(({ id }) => id),
    ),
  )
})
