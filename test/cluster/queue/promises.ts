import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { listDeadJobs, replayDeadJob } from '@kit/jobs/dead-jobs'
import type { JobRequest } from '@kit/messaging/outgoing'
import { eventually } from '../../eventually.ts'
import { Haul, RETRY, type Yard } from './yard.ts'

export type Promised = readonly [
  name: string,
  keep: (open: (concurrency?: number) => Promise<Yard>, t: TestContext) => Promise<void>,
]

/** Ms that a job may begin after its time: a look at the table now and then, and a busy machine. */
const LATE = 1_500

/** What every queue promises, whoever hands the jobs out. Kept on real servers. */
export const promises: readonly Promised[] = [
  [
    'every job is done, and its end is recorded once',
    async (open) => {
      await using yard = await open()
      yard.work()
      const names = await askFor(yard, 200)
      await yard.allEnd(names)
      await assertOnce(yard, names)
      assert.equal((await yard.begun()).length, 200, 'and nothing was begun twice')
    },
  ],
  [
    'one worker alone begins what waits in the order in which it is due',
    async (open) => {
      await using yard = await open(1)
      const past = Date.now() - 60_000
      const dueAt = [5, 3, 1, 4, 2, 0].map((n) => ({ n, runAt: new Date(past + n * 1_000) }))
      await yard.ask(...dueAt.map(({ n, runAt }) => Haul({ name: String(n) }, { runAt })))
      yard.work()
      await yard.allEnd(['0', '1', '2', '3', '4', '5'])
      assert.deepEqual(
        (await yard.begun()).map(({ name }) => name),
        ['0', '1', '2', '3', '4', '5'],
      )
    },
  ],
  [
    'a job for later begins at its time: never before, and soon after',
    async (open, t) => {
      await using yard = await open()
      yard.work()
      const delays = [250, 1_000, 1_700, 3_300, 6_450]
      const from = Date.now()
      await yard.ask(...later(from, delays))
      await yard.allEnd(delays.map(String))
      t.diagnostic(`late by ${(await assertInTime(yard, from)).join(', ')} ms`)
    },
  ],
  [
    'what becomes due all at once is done, and nothing of it before its time',
    async (open, t) => {
      await using yard = await open(64)
      yard.work()
      const due = Date.now() + 2_000
      const names = Array.from({ length: 2_000 }, (_, n) => String(n))
      await yard.ask(...names.map((name) => Haul({ name }, { runAt: new Date(due) })))
      await yard.allEnd(names)
      await assertOnce(yard, names)
      const begun = (await yard.begun()).map(({ ms }) => Math.round(ms - due))
      t.diagnostic(`begun ${Math.min(...begun)} to ${Math.max(...begun)} ms after their time`)
      assert.ok(Math.min(...begun) >= 0 && Math.min(...begun) <= LATE, String(Math.min(...begun)))
      assert.equal(begun.length, 2_000, 'and nothing was begun twice')
    },
  ],
  [
    'a failed try is repeated after a delay that doubles',
    async (open, t) => {
      await using yard = await open()
      yard.work()
      await yard.ask(Haul({ name: 'stubborn', act: 'fail', times: 4 }))
      await yard.allEnd(['stubborn'])
      const tries = await yard.begun()
      assert.deepEqual(
        tries.map(({ number }) => number),
        [1, 2, 3, 4, 5],
      )
      const waited = tries.slice(1).map(({ ms }, n) => Math.round(ms - (tries[n]?.ms ?? 0)))
      t.diagnostic(`waited ${waited.join(', ')} ms`)
      for (const [n, ms] of waited.entries()) {
        const delay = RETRY.firstDelay * 2 ** n
        assert.ok(ms >= delay && ms <= 1.5 * delay + LATE, `${ms} ms before try ${n + 2}`)
      }
      await assertOnce(yard, ['stubborn'])
    },
  ],
  [
    'what fails every time becomes a dead letter, and a replay gives it all its tries again',
    async (open) => {
      await using yard = await open()
      yard.work()
      await yard.ask(Haul({ name: 'hopeless', act: 'fail', times: RETRY.attempts }))
      const dead = async () => (await listDeadJobs(yard.db))[0]
      await eventually('it is dead', async () => (await dead()) !== undefined)
      const { id = '', reason } = (await dead()) ?? {}
      assert.equal(reason, 'Error: not this time')
      await replayDeadJob(yard.db, id)
      await eventually('it is begun anew', async () => (await yard.begun()).at(-1)?.number === 1)
    },
  ],
  [
    'a mistake in a handler does not stop the consumer',
    async (open) => {
      await using yard = await open(1)
      yard.work()
      await yard.ask(Haul({ name: 'mistaken', act: 'mistake', times: 1 }))
      await eventually('it is begun', async () => (await yard.begun()).length > 0)
      await yard.ask(Haul({ name: 'next' }))
      await yard.allEnd(['mistaken', 'next'], 10_000)
      await assertOnce(yard, ['mistaken', 'next'])
    },
  ],
  [
    'a job that kills its process becomes a dead letter, and the others are done',
    async (open) => {
      await using yard = await open()
      await yard.ask(Haul({ name: 'poison', act: 'die' }))
      const names = await askFor(yard, 20)
      let stop = false
      const keep = async (): Promise<void> => {
        while (!stop) await gone(await yard.hire())
      }
      const kept = keep()
      await eventually('it is dead', async () => (await listDeadJobs(yard.db)).length === 1, 120_000)
      await yard.allEnd(names)
      stop = true
      await assertOnce(yard, names)
      yard.dismiss()
      await kept
    },
  ],
  [
    'a worker killed in the middle of its work: nothing is lost, and nothing ends twice',
    async (open) => {
      await using yard = await open()
      const names = await askFor(yard, 300, 20)
      for (const until of [40, 120]) {
        const worker = await yard.hire()
        await eventually(`${until} have ended`, async () => (await yard.ended()).size >= until)
        worker.kill('SIGKILL')
        await gone(worker)
      }
      await yard.hire()
      await yard.allEnd(names)
      await assertOnce(yard, names)
    },
  ],
  [
    'two workers share what there is',
    async (open) => {
      await using yard = await open()
      await Promise.all([yard.hire(), yard.hire()])
      const names = await askFor(yard, 200, 20)
      await yard.allEnd(names)
      await assertOnce(yard, names)
      assert.equal((await yard.begun()).length, 200, 'and nothing was begun twice')
    },
  ],
]

let asked = 0

/** Asks for so many jobs, each of which takes `takes` ms, and returns their names. */
export const askFor = async (yard: Yard, count: number, takes = 0): Promise<readonly string[]> => {
  const names = Array.from({ length: count }, () => `job ${asked++}`)
  await yard.ask(...names.map((name) => Haul({ name, takes })))
  return names
}

/** Jobs that are due so many ms after `from`, and named by that. */
export const later = (from: number, delays: readonly number[]): readonly JobRequest[] =>
  delays.map((ms) => Haul({ name: String(ms) }, { runAt: new Date(from + ms) }))

/** That each of such jobs has begun at its time. Returns by how many ms they were late. */
export const assertInTime = async (yard: Yard, from: number): Promise<readonly number[]> => {
  const late = (await yard.begun()).map(({ name, ms }) => Math.round(ms - from - Number(name)))
  assert.ok(
    late.every((ms) => ms >= 0 && ms <= LATE),
    String(late),
  )
  return late
}

export const assertOnce = async (yard: Yard, names: readonly string[]): Promise<void> => {
  const ended = await yard.ended()
  assert.deepEqual(
    names.filter((name) => ended.get(name) !== 1).map((name) => [name, ended.get(name)]),
    [],
  )
}

const gone = async (child: Awaited<ReturnType<Yard['hire']>>): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('exit', resolve))
  }
}
