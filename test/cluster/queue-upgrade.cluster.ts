// The last release led what is due within a minute through queues at the broker, one per step of its delay. This one declares none
// and waits in the database: both at one broker, and one after the other.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { REPUBLISH_AFTER } from '@kit/queue/amqp/amqp-jobs'
import { eventually } from '../eventually.ts'
import { ownBroker } from './own-broker.ts'
import { assertInTime, assertOnce, later } from './queue/promises.ts'
import { Yard } from './queue/yard.ts'
import type { Rabbit } from './rabbitmq.ts'
import { checkOut, lastRelease, missing } from './rolling-upgrade/release.ts'

/** Where the last release lies, ready to run. Undefined, and the test skipped, when it has no such queues, or is not to be had. */
const lastWithDelays = async (dir: string, skip: (why: string) => void): Promise<string | undefined> => {
  const commit = lastRelease()
  const reason = await missing(commit)
  if (reason !== undefined) {
    assert.notEqual(process.env['CI'], 'true', reason)
    skip(reason)
    return undefined
  }
  const old = join(dir, 'release')
  await checkOut(commit, old)
  if (existsSync(join(old, 'kit/queue/amqp/ladder.ts'))) return old
  skip('the last release delays nothing in the broker: this test can go')
  return undefined
}

type Queue = { readonly name: string; readonly messages: number }

const delaysIn = async (rabbit: Rabbit): Promise<readonly Queue[]> => {
  const listed = await rabbit.control(0, 'list_queues', 'name', 'messages', '--formatter', 'json')
  return (JSON.parse(listed) as readonly Queue[]).filter(({ name }) => name.startsWith('argosy.delay.'))
}

const waiting = async (rabbit: Rabbit): Promise<number> =>
  (await delaysIn(rabbit)).reduce((sum, { messages }) => sum + messages, 0)

test('what the last release has waiting in the broker is done at its time', { timeout: 300_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-queue-upgrade-'))
  await using owned = new AsyncDisposableStack()
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const old = await lastWithDelays(dir, (why) => t.skip(why))
  if (old === undefined) return
  await using broker = await ownBroker(t)
  if (broker === undefined) return
  const { rabbit } = broker
  const open = () => Yard.open('argosy_queue_upgrade', { queueUrl: rabbit.url, lease: REPUBLISH_AFTER })
  const delays = [15_000, 16_500, 18_250, 20_000, 25_000]

  await t.test('the old fleet is killed, the new one does what it has left', async (inner) => {
    await using yard = await open()
    const before = await yard.hire('', old)
    const from = Date.now()
    await yard.ask(...later(from, delays))
    await eventually('the broker has them', async () => (await waiting(rabbit)) === delays.length)
    before.kill('SIGKILL')
    yard.work()
    await yard.allEnd(delays.map(String))
    inner.diagnostic(`late by ${(await assertInTime(yard, from)).join(', ')} ms`)
    await assertOnce(yard, delays.map(String))
  })

  await t.test('old and new side by side: whoever gives it, it is done once, at its time', async () => {
    await using yard = await open()
    yard.work()
    await yard.hire('', old)
    const from = Date.now()
    const times = Array.from({ length: 100 }, (_, n) => 3_000 + 73 * n)
    await yard.ask(...later(from, times))
    await yard.allEnd(times.map(String))
    await assertInTime(yard, from)
    await assertOnce(yard, times.map(String))
  })

  await t.test('its queues deleted with what they had: that is given again', async () => {
    await using yard = await open()
    const before = await yard.hire('', old)
    await yard.ask(...later(Date.now(), [8_000]))
    await eventually('the broker has it', async () => (await waiting(rabbit)) === 1)
    before.kill('SIGKILL')
    for (const { name } of await delaysIn(rabbit)) await rabbit.control(0, 'delete_queue', name)
    yard.work()
    await yard.allEnd(['8000'], 8_000 + 2 * REPUBLISH_AFTER)
    await assertOnce(yard, ['8000'])
    assert.equal((await delaysIn(rabbit)).length, 0, 'and the new one has declared none')
  })
})
