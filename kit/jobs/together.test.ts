import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onBatch } from '@kit/messaging/consumer'
import { neighbours, Write } from '@kit/messaging/together/test-neighbours'
import { fixedPlatform } from '@kit/platform/fixed'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { enqueuer } from './enqueue.ts'
import { worker } from './job.ts'
import type { LeasedJob } from './lease.ts'
import { jobMigrations } from './migrations.ts'
import { JobRunner } from './runner.ts'
import { Print } from './test-jobs.ts'

const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }

test('a job that a chain asks for is handed to the runner, and what its end tells goes on among neighbours', async () => {
  await using all = await neighbours([jobMigrations])
  const platform = fixedPlatform({ now: new Date() })
  const handedOver: LeasedJob[] = []
  let hired: JobRunner | undefined
  const enqueue = enqueuer(platform, () => {
    const runner = hired
    if (runner === undefined) return undefined
    return {
      lease: runner.lease,
      hasRoomFor: (type, asked) => runner.hasRoomFor(type, asked),
      wake: () => runner.wake(),
      take: (jobs) => {
        handedOver.push(...jobs)
        runner.take(jobs)
      },
    }
  })
  const asks = onBatch(Write.desk, async (notes) => notes.map(({ id, text }) => Print({ id, text })))
  const process = await all.open({ platform, enqueue: () => enqueue, replaced: { desk: asks } })
  const { db, send } = process.of('desk')
  const performed = Promise.withResolvers<void>()
  const print = worker({
    job: Print,
    concurrency: 1,
    perform: async () => performed.resolve(),
    finish: async (done) => done.map(({ data: { id, text } }) => Write.till({ id, text: `${text} printed`, via: [] })),
  })
  const commit = process.together.commitFor({ group: 'desk', db, enqueue, send })
  hired = new JobRunner({ workers: [print], db, send, commit, platform, telemetry })
  hired.start()
  await process.begin('till', Write.shelf({ id: 'a', text: '1', via: ['desk'] }))
  assert.deepEqual(
    handedOver.map(({ type, attempt }) => [type, attempt]),
    [[Print.type, 1]],
  )
  await performed.promise
  await hired[Symbol.asyncDispose]()
  assert.deepEqual(await all.written('till'), ['1 printed'])
  assert.deepEqual(await all.outbox(), [])
})

test('an end of which nobody knows whether it was recorded is not recorded twice', async () => {
  await using all = await neighbours([jobMigrations])
  let isLost = false
  const failpoint = (name: string): void => {
    // After the commit, as if its answer were lost.
    if (name !== 'outbox.before-wake' || isLost) return
    isLost = true
    throw new Error('lost')
  }
  const platform = fixedPlatform({ now: new Date(), failpoint })
  const enqueue = enqueuer(platform)
  const process = await all.open({ names: ['desk'], platform, enqueue: () => enqueue })
  const { db, send } = process.of('desk')
  const print = worker({
    job: Print,
    concurrency: 1,
    perform: async () => undefined,
    finish: async (done) => done.map(({ data: { id, text } }) => Write.till({ id, text, via: [] })),
  })
  const commit = process.together.commitFor({ group: 'desk', db, enqueue, send })
  const runner = new JobRunner({ workers: [print], db, send, commit, platform, telemetry })
  await process.begin('desk', Print({ id: 'a', text: '1' }))
  await runner.drain()
  assert.ok(isLost)
  assert.deepEqual(
    (await all.outbox()).map(({ type }) => type),
    [Write.till.type],
  )
  assert.equal(await runner.drain(), false, 'the job is gone')
})
