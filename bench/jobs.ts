// Jobs per second from the transaction that asks for one to the transaction that records its end, the same work on each queue.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ifHere } from '@argosy/test/cluster/not-here'
import { Rabbit } from '@argosy/test/cluster/rabbitmq'
import { enqueue } from '@kit/jobs/enqueue'
import { job, worker } from '@kit/jobs/job'
import type { Jobs } from '@kit/jobs/jobs'
import { jobMigrations } from '@kit/jobs/migrations'
import { logMigrations } from '@kit/log/postgres/migrations'
import { partitioning } from '@kit/log/partition'
import { sender } from '@kit/messaging/send'
import { systemPlatform } from '@kit/platform/system'
import { openDatabase } from '@kit/postgres/database'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { migrate } from '@kit/migrations/migrate'
import { openQueue } from '@kit/queue/open-queue'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import Type from 'typebox'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import { scratchFolder } from './stand.ts'

export type JobsOptions = {
  readonly seconds: number
  readonly warmup: number
  /** Transactions at once. */
  readonly connections: number
  /** Of a broker; one is started when absent. On a machine without RabbitMQ only PostgreSQL is measured. */
  readonly queue?: string
}

export type QueueFigures = {
  readonly jobs_per_second: number
  /** Milliseconds from the request to the recorded end, under this load. */
  readonly latency: Percentiles
  /** Asked for, and never or more than once recorded. */
  readonly lost: number
  readonly repeated: number
}

export type JobsResult = {
  readonly queues: Readonly<Record<string, QueueFigures>>
  readonly violations: readonly string[]
}

/** Jobs in a transaction, as a handler asks for the jobs of a batch. */
const TOGETHER = 10
/** Jobs asked for and not yet ended: the load is closed, for an open one measures a backlog. */
const OUTSTANDING = 4_000
const CONCURRENCY = 256

const Nothing = job('bench.nothing', 'id', Type.Object({ id: Type.String(), text: Type.String() }))
/** About as long as a call of the payment provider. */
const TEXT = 'x'.repeat(200)

export const measureJobs = async (options: JobsOptions, tell: (line: string) => void): Promise<JobsResult> => {
  using scratch = scratchFolder()
  await using owned = new AsyncDisposableStack()
  const server = owned.use(await startEmbedded({ dir: join(scratch.path, 'pg') }))
  await migrate({
    url: server.url,
    schemas: [
      { name: 'log', folders: [logMigrations], sharedWith: ['bench'] },
      { name: 'bench', folders: [jobMigrations] },
    ],
  })
  const queues: Record<string, QueueFigures> = {}
  queues['postgres'] = await measure(server.url, 'postgres:', options)
  tell(`postgres: ${Math.round(queues['postgres'].jobs_per_second)} jobs/s`)
  const started = async (): Promise<string> => owned.use(await Rabbit.start(join(scratch.path, 'rabbitmq'))).url
  const broker = options.queue ?? (await ifHere(started, tell))
  if (broker !== undefined) {
    queues['rabbitmq'] = await measure(server.url, broker, options)
    tell(`rabbitmq: ${Math.round(queues['rabbitmq'].jobs_per_second)} jobs/s`)
  }
  const violations = Object.entries(queues).flatMap(([name, { lost, repeated }]) =>
    lost + repeated === 0 ? [] : [`${name}: ${lost} jobs lost, ${repeated} recorded more than once`],
  )
  return { queues, violations }
}

const measure = async (
  url: string,
  queueUrl: string,
  { seconds, warmup, connections }: JobsOptions,
): Promise<QueueFigures> => {
  await using db = openDatabase({ url, service: 'bench' })
  const platform = systemPlatform()
  const run = new Run()
  const telemetry = { log: openLog({ level: 'error' }), metrics: openMetrics() }
  const send = sender({ platform, ...partitioning, committed: () => undefined, enqueue: () => undefined })
  const nothing = worker({
    job: Nothing,
    concurrency: CONCURRENCY,
    perform: async ({ id }) => id,
    finish: async (done, tx) => {
      tx.afterCommit(() => run.ended(done.map(({ result }) => result)))
      return []
    },
  })
  await using jobs: Jobs = openQueue(queueUrl)({ workers: [nothing], db, send, platform, telemetry })
  jobs.start()
  const asking = Array.from({ length: connections }, async () => {
    while (!run.over) {
      await run.room()
      const requests = Array.from({ length: TOGETHER }, () => Nothing({ id: randomUUID(), text: TEXT }))
      run.asked(requests.map(({ key }) => key))
      await db.transaction(async (tx) => enqueue(tx, requests, platform, jobs))
    }
  })
  await wait(warmup)
  run.begin()
  await wait(seconds)
  const figures = run.stop()
  await Promise.all(asking)
  await run.drained(30)
  return { ...figures, lost: run.open, repeated: run.repeated }
}

/** What was asked for and has ended. */
class Run {
  over = false
  repeated = 0
  readonly #open = new Map<string, number>()
  #since = Infinity
  #latencies: number[] = []
  #waiting: (() => void)[] = []

  get open(): number {
    return this.#open.size
  }

  asked(ids: readonly string[]): void {
    const now = performance.now()
    for (const id of ids) this.#open.set(id, now)
  }

  ended(ids: readonly string[]): void {
    const now = performance.now()
    for (const id of ids) {
      const asked = this.#open.get(id)
      if (asked === undefined) this.repeated++
      else if (now >= this.#since && !this.over) this.#latencies.push(now - asked)
      this.#open.delete(id)
    }
    for (const go of this.#waiting.splice(0)) go()
  }

  async room(): Promise<void> {
    while (this.#open.size >= OUTSTANDING && !this.over) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  begin(): void {
    this.#since = performance.now()
  }

  stop(): Pick<QueueFigures, 'jobs_per_second' | 'latency'> {
    this.over = true
    const seconds = (performance.now() - this.#since) / 1_000
    for (const go of this.#waiting.splice(0)) go()
    return { jobs_per_second: this.#latencies.length / seconds, latency: percentilesOf(this.#latencies) }
  }

  /** Until nothing is open, or the time is over. */
  async drained(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1_000
    while (this.#open.size > 0 && performance.now() < until) await wait(0.1)
  }
}

const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
