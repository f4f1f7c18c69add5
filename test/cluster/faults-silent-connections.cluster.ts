// Connections to the database fall silent, as when a firewall forgets them: nothing says that they are gone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAllCompleted, openGround, untilReady, type Ground } from './faults-shop.ts'
import { assertLaws } from './law-check.ts'
import { buySteadily, howTheyWent, tally, type Load } from './steady-load.ts'

/** Ms in which it has found out, and in which Ctrl-C ends it whatever the network does. */
const FINDS_OUT = 15_000
const ENDS = 10_000
/** Ms that a shop is quiet before: longer than any connection is kept waiting for an answer. */
const QUIET = 50_000

type First = Ground & { readonly load: (perSecond: number) => Load }

const open = async (database: string, owned: AsyncDisposableStack, instances = 1): Promise<First> => {
  const ground = await openGround({ database, instances }, owned)
  const [shop] = ground.shops
  assert.ok(shop !== undefined)
  return { ...ground, load: (perSecond) => buySteadily({ ...ground, shop: () => shop, perSecond }) }
}

/** After the time to find out nothing is refused, all goes through at once, and what was accepted before ends well. */
const isBack = async ({ databaseUrl, shops, load }: First, earlier?: Load): Promise<void> => {
  const [shop] = shops
  await untilReady(shop?.url ?? '', 5_000)
  const after = load(5)
  await sleep(4_000)
  await after.stop()
  await earlier?.stop()
  assert.deepEqual([...after.refusals], [])
  await assertAllCompleted(databaseUrl, after.accepted, 10_000)
  const accepted = [...after.accepted, ...(earlier?.accepted ?? [])]
  await assertAllCompleted(databaseUrl, accepted)
  await assertLaws(
    databaseUrl,
    accepted.map(({ id }) => id),
    after.unanswered() + (earlier?.unanswered() ?? 0),
  )
}

test('of a quiet shop', { timeout: 240_000 }, async () => {
  await using owned = new AsyncDisposableStack()
  const ground = await open('argosy_silent_quiet', owned)
  await sleep(QUIET)
  ground.net.silenceExisting()
  // The first who ask find it out for those after them.
  const during = ground.load(1)
  await sleep(FINDS_OUT)
  await isBack(ground, during)
})

test('of a busy shop', { timeout: 240_000 }, async () => {
  await using owned = new AsyncDisposableStack()
  const ground = await open('argosy_silent_busy', owned)
  const during = ground.load(10)
  await sleep(5_000)
  ground.net.silenceExisting()
  await sleep(FINDS_OUT)
  await isBack(ground, during)
})

test('of one of two instances, and the other is stopped later', { timeout: 300_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const ground = await open('argosy_silent_one', owned, 2)
  const { net, databaseUrl } = ground
  const during = ground.load(6)
  await sleep(4_000)
  net.silenceExisting()
  await sleep(FINDS_OUT)
  // The server gives the dead connections up; the instance hears nothing of it.
  net.dropServerEnds()
  await sleep(3_000)
  await ground.instances[1]?.stop()
  const alone = Date.now()
  await sleep(FINDS_OUT)
  const went = (await howTheyWent(databaseUrl, during.accepted)).filter(
    ({ at }) => at > alone && at < Date.now() - 5_000,
  )
  t.diagnostic(`bought from the one that is left: ${JSON.stringify(tally(went))}`)
  assert.deepEqual(tally(went), { completed: went.length })
  await isBack(ground, during)
})

for (const state of ['quiet', 'busy'] as const) {
  test(`Ctrl-C ends a ${state} shop while its database cannot be heard`, { timeout: 120_000 }, async (t) => {
    await using owned = new AsyncDisposableStack()
    const ground = await open(`argosy_silent_stop_${state}`, owned)
    const load = state === 'busy' ? ground.load(10) : undefined
    await sleep(3_000)
    ground.net.silence()
    await sleep(2_000)
    const began = performance.now()
    const ended = await Promise.race([ground.instances[0]?.stop(), sleep(3 * ENDS, 'still there', { ref: false })])
    const took = performance.now() - began
    t.diagnostic(`${String(ended)} after ${took.toFixed(0)} ms`)
    if (ended === 'still there') await ground.instances[0]?.kill()
    await load?.stop()
    assert.ok(took < ENDS, `${String(ended)} after ${took.toFixed(0)} ms`)
  })
}
