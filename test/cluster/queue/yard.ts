import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { enqueue } from '@kit/jobs/enqueue'
import { job, worker, type Worker } from '@kit/jobs/job'
import type { Jobs } from '@kit/jobs/jobs'
import { partitioning } from '@kit/log/partition'
import { sender } from '@kit/messaging/send'
import type { JobRequest } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import { systemPlatform } from '@kit/platform/system'
import { openDatabase, type OpenDatabase } from '@kit/postgres/database'
import { jobMigrations } from '@kit/jobs/migrations'
import { logMigrations } from '@kit/log/postgres/migrations'
import { migrate } from '@kit/migrations/migrate'
import { sql } from '@kit/postgres/statement'
import { openQueue } from '@kit/queue/open-queue'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import Type from 'typebox'
import { clusterUrl } from '../cluster-url.ts'
import { eventually } from '../../eventually.ts'
import { freshDatabase } from '../fresh-database.ts'

/** A piece of work that does what its data says, and whose every beginning and end is a row. */
export const Haul = job(
  'yard.haul',
  'name',
  Type.Object({
    name: Type.String(),
    /** `fail`: the first `times` tries; `mistake`: the same, as a programming error; `die`: takes its process along. */
    act: Type.Optional(Type.Union([Type.Literal('fail'), Type.Literal('mistake'), Type.Literal('die')])),
    times: Type.Optional(Type.Integer()),
    /** ms. */
    takes: Type.Optional(Type.Integer()),
  }),
)

const insertBegun = sql(import.meta.url, 'insert-begun.sql')
const insertEnded = sql(import.meta.url, 'insert-ended.sql')
const selectBegun = sql<Begun>(import.meta.url, 'select-begun.sql')
const selectEnded = sql<{ name: string; times: number }>(import.meta.url, 'select-ended.sql')

type Begun = { readonly name: string; readonly number: number; readonly ms: number }

export const RETRY = { attempts: 6, firstDelay: 200, maxDelay: 5_000 }

const hauling = (db: OpenDatabase, concurrency: number): Worker => ({
  ...worker({
    job: Haul,
    concurrency,
    retry: RETRY,
    perform: async ({ name, act, times = Infinity, takes = 0 }, { number }) => {
      await db.query(insertBegun, [name, number])
      if (takes > 0) await new Promise((resolve) => setTimeout(resolve, takes))
      if (act === 'die') process.kill(process.pid, 'SIGKILL')
      if (act === 'fail' && number <= times) throw new Error('not this time')
      // As a programmer's mistake would.
      if (act === 'mistake' && number <= times) Object(undefined).nothing.here()
    },
    finish: async (done, tx) => {
      await tx.query(insertEnded, [done.map(({ data }) => data.name)])
      return []
    },
  }),
})

export type YardOptions = {
  readonly queueUrl: string
  readonly concurrency?: number
  /** How long a job belongs to its worker, or to the broker, in ms; short when absent, for a test waits for that. */
  readonly lease?: number
}

const SHORT_LEASE = 3_000

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The workers of one process. */
export const openHauling = (
  db: OpenDatabase,
  { queueUrl, concurrency = 8, lease = SHORT_LEASE }: YardOptions,
  platform: Platform,
): Jobs => {
  // A silent log would hide why a test fails.
  const telemetry = { log: openLog({ level: 'warn' }), metrics: openMetrics() }
  const send = sender({ platform, ...partitioning, committed: () => undefined, enqueue: () => undefined })
  const workers = [hauling(db, concurrency)]
  return openQueue(queueUrl)({ workers, db, send, platform, telemetry, times: { lease } })
}

/** A service that has nothing but jobs, on a database of its own, in this process and in others. */
export class Yard implements AsyncDisposable {
  readonly db: OpenDatabase
  readonly #databaseUrl: string
  readonly #options: YardOptions
  readonly #owned: AsyncDisposableStack
  readonly #children = new Set<ChildProcess>()
  #hired: Jobs | undefined

  private constructor(databaseUrl: string, options: YardOptions, owned: AsyncDisposableStack) {
    this.#databaseUrl = databaseUrl
    this.#options = options
    this.#owned = owned
    this.db = owned.use(openDatabase({ url: databaseUrl, service: 'yard' }))
  }

  static async open(name: string, options: YardOptions): Promise<Yard> {
    const databaseUrl = await freshDatabase(clusterUrl(), name)
    await migrate({
      url: databaseUrl,
      schemas: [
        { name: 'log', folders: [logMigrations], sharedWith: ['yard'] },
        { name: 'yard', folders: [jobMigrations, new URL('./migrations/', import.meta.url)] },
      ],
    })
    return new Yard(databaseUrl, options, new AsyncDisposableStack())
  }

  /** Workers in this process; `failpoint` is called at every failpoint, and may throw. */
  work(failpoint?: (name: string) => void): Jobs {
    const platform = { ...systemPlatform(), ...(failpoint === undefined ? {} : { failpoint }) }
    const jobs = this.#owned.use(openHauling(this.db, this.#options, platform))
    jobs.start()
    this.#hired = jobs
    return jobs
  }

  /** Workers in a process of their own, with these failpoints armed; of the release that lies in `root`, this one when absent. */
  async hire(failpoints = '', root = ROOT): Promise<ChildProcess> {
    const program = join(root, 'test/cluster/queue/hauler.ts')
    const { queueUrl, lease = SHORT_LEASE } = this.#options
    const child = spawn(process.execPath, [program, this.#databaseUrl, queueUrl, String(lease)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ARGOSY_FAILPOINTS: failpoints },
    })
    this.#children.add(child)
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    return child
  }

  /** kill -9 for all workers in processes of their own. */
  dismiss(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  async ask(...requests: readonly JobRequest[]): Promise<void> {
    const platform = systemPlatform()
    await this.db.transaction(async (tx) => enqueue(tx, requests, platform, this.#hired))
  }

  begun(): Promise<readonly Begun[]> {
    return this.db.query(selectBegun)
  }

  /** How often each job has ended: once is right. */
  async ended(): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.db.query(selectEnded)).map(({ name, times }) => [name, times]))
  }

  async allEnd(names: readonly string[], patience = 60_000): Promise<void> {
    await eventually(`${names.length} jobs end`, async () => (await this.ended()).size >= names.length, patience)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dismiss()
    await this.#owned.disposeAsync()
  }
}
