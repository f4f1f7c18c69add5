// A column is away for a while, as when an upgrade and the version before it meet: everything fails that reads it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { RESERVED_LINES, renameColumn } from '../faults/renamed-column.ts'
import { assertAllCompleted, openGround, readiness, untilReady, type Readiness } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { buySteadily, howTheyWent, tally } from './steady-load.ts'

const AWAY = 8_000
/** Ms in which it has noticed, and in which it goes on when the column is back. */
const NOTICES = 4_000
const GOES_ON = 12_000

test('a column that is away for 8 s stops the shop for 8 s', { timeout: 240_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const { databaseUrl, shops, buyer, products } = await openGround({ database: 'argosy_renamed' }, owned)
  const [shop] = shops
  assert.ok(shop !== undefined)
  const load = buySteadily({ shop: () => shop, buyer, products, perSecond: 10 })
  await sleep(4_000)
  const away = await renameColumn(databaseUrl, RESERVED_LINES)
  await sleep(NOTICES)
  const meanwhile: Readiness = await readiness(shop.url)
  await sleep(AWAY - NOTICES)
  await away[Symbol.asyncDispose]()
  const back = Date.now()
  await t.test('meanwhile it is not ready, and says whose matter it is', () => {
    assert.equal(meanwhile.status, 503, meanwhile.text)
    assert.match(meanwhile.text, /inventory/)
  })
  await t.test('it is ready again soon', () => untilReady(shop.url, GOES_ON))
  await sleep(Math.max(0, back + GOES_ON - Date.now()))
  await load.stop()
  await t.test('and what was bought meanwhile is completed by then', async () => {
    const late = (await howTheyWent(databaseUrl, load.accepted)).filter(({ at }) => at < back)
    assert.deepEqual(tally(late), { completed: late.length })
  })
  await t.test('nothing is parked or cancelled', async () => {
    await assertAllCompleted(databaseUrl, load.accepted)
    await assertLaws(
      databaseUrl,
      load.accepted.map(({ id }) => id),
      load.unanswered(),
    )
  })
})
