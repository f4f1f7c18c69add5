import { sender } from '@kit/messaging/send'
import { fixedPlatform } from '@kit/platform/fixed'
import type { Platform } from '@kit/platform/platform'
import { partitioning } from '@kit/log/partition'
import { openDatabase, type OpenDatabase } from '@kit/postgres/database'
import { sql } from '@kit/postgres/statement'
import { logMigrations } from '@kit/log/postgres/migrations'
import { scratchDatabase } from '@kit/migrations/template'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { testServer } from '@kit/embedded-postgres/test-server'
import type { JobRequest, Send } from '@kit/messaging/outgoing'
import Type from 'typebox'
import { enqueuer } from './enqueue.ts'
import { job, type Worker } from './job.ts'
import { JobRunner } from './runner.ts'
import type { RunnerOptions } from './runner-options.ts'
import { jobMigrations } from './migrations.ts'

export const Print = job('press.print', 'id', Type.Object({ id: Type.String(), text: Type.String() }))
export const Bind = job('press.bind', 'id', Type.Object({ id: Type.String() }))

const makeDue = sql(import.meta.url, 'test-hurry-jobs.sql')
const dueJobs = sql<{ due_at: Date }>(import.meta.url, 'test-due-jobs.sql')
const countJobs = sql<{ alive: number; dead: number }>(import.meta.url, 'test-count-jobs.sql')

export type Press = AsyncDisposable & {
  readonly url: string
  readonly db: OpenDatabase
  readonly send: Send
  readonly ask: (...requests: readonly JobRequest[]) => Promise<void>
  /** A runner, not started; `drain()` does what is due. */
  readonly runner: (
    workers: Worker | readonly Worker[],
    platform?: Platform,
    times?: RunnerOptions['times'],
  ) => JobRunner
  /** Requests go straight to this runner, as in a process that has it. */
  readonly hire: (runner: JobRunner) => void
  readonly hurry: () => Promise<void>
  /** When the only job is due, or its lease runs out, in ms. */
  readonly due: () => Promise<number | undefined>
  readonly count: () => Promise<{ alive: number; dead: number } | undefined>
}

/** A service that has nothing but jobs, on a database of its own. */
export const press = async (): Promise<Press> => {
  const owned = new AsyncDisposableStack()
  const schemas = [
    { name: 'log', folders: [logMigrations], sharedWith: ['press'] },
    { name: 'press', folders: [jobMigrations] },
  ]
  const { url } = owned.use(await scratchDatabase({ url: await testServer(), schemas }))
  const db = owned.use(openDatabase({ url, service: 'press' }))
  const standing = fixedPlatform({ now: new Date() })
  const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }
  let hired: JobRunner | undefined
  const send = sender({
    platform: standing,
    ...partitioning,
    committed: () => undefined,
    enqueue: enqueuer(standing, () => hired),
  })
  return {
    url,
    db,
    send,
    ask: (...requests) => db.transaction(async (tx) => send(tx, requests)),
    runner: (workers, platform = standing, times = {}) =>
      new JobRunner({ workers: [workers].flat(), db, send, platform, telemetry, times }),
    hire: (runner) => {
      hired = runner
    },
    hurry: async () => {
      await db.query(makeDue)
    },
    due: async () => (await db.query(dueJobs))[0]?.due_at.getTime(),
    count: async () => (await db.query(countJobs))[0],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
