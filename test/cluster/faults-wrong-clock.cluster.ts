// The shop's wall clock is two hours ahead for a moment, and right again: nothing waits for those two hours.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { clockIn } from '../faults/wrong-clock.ts'
import { assertAllCompleted, openGround } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { startMailServer } from './smtp-server.ts'
import { buySteadily } from './steady-load.ts'

const AHEAD = 2 * 60 * 60 * 1_000
const WRONG = 5_000
/** Ms after which all that was begun while it was wrong, and given time by it, has run out of time. */
const LATER = 65_000
const ARRIVES = 20_000

test('a clock that was ahead', { timeout: 300_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-clock-'))
  owned.defer(() => rmSync(scratch, { recursive: true, force: true }))
  const clock = clockIn(join(scratch, 'clock'))
  const mail = owned.use(await startMailServer({ greylists: false }))
  const env = { SMTP_URL: mail.url, NODE_OPTIONS: clock.nodeOptions }
  const { databaseUrl, shops, buyer, products } = await openGround({ database: 'argosy_clock', env }, owned)
  const [shop] = shops
  assert.ok(shop !== undefined)
  const load = (perSecond: number) => buySteadily({ shop: () => shop, buyer, products, perSecond })
  const during = load(5)
  await sleep(2_000)
  const wrong = clock.jump(AHEAD)
  await sleep(1_000)
  assert.equal((await shop.call('GET', '/api/v1/purchases', { token: buyer.token })).status, 401, 'tokens have run out')
  // Somebody who is new is written to while the clock is wrong.
  const newcomer = await shop.person('Eve')
  await sleep(WRONG - 1_000)
  wrong[Symbol.dispose]()
  await sleep(2_000)
  await during.stop()
  await t.test('purchases go on', async () => {
    assert.deepEqual(
      [...during.refusals.keys()].filter((what) => !what.startsWith('401')),
      [],
    )
    await assertAllCompleted(databaseUrl, during.accepted)
  })
  await t.test('whoever registered meanwhile is written to', () =>
    eventually('two letters', () => mail.to(newcomer.email).length >= 2, ARRIVES),
  )
  await sleep(LATER)
  const after = load(5)
  await sleep(2_000)
  await after.stop()
  await t.test('purchases and their letters go on later', async () => {
    await assertAllCompleted(databaseUrl, after.accepted)
    const letters = 2 + during.accepted.length + after.accepted.length
    await eventually(`${letters} letters`, () => mail.to(buyer.email).length >= letters, ARRIVES)
  })
  await t.test('the laws hold', () =>
    assertLaws(
      databaseUrl,
      [...during.accepted, ...after.accepted].map(({ id }) => id),
    ),
  )
})
