import type { Resources } from '@kit/http/route'
import type { Log } from '@kit/log/log'
import { forgetOldKeys } from '@kit/jobs/dedupe-retention'
import { enqueuer } from '@kit/jobs/enqueue'
import type { Jobs, OpenJobs } from '@kit/jobs/jobs'
import { watchJobs } from '@kit/jobs/metrics'
import { JobRunner } from '@kit/jobs/runner'
import { watchDeadLetters } from '@kit/messaging/dead-letters/metrics'
import { Reader } from '@kit/messaging/reader'
import type { Send } from '@kit/messaging/outgoing'
import { openTransact } from '@kit/messaging/transact'
import type { Together } from '@kit/messaging/together/together'
import type { Platform } from '@kit/platform/platform'
import type { SharedDatabase } from '@kit/postgres/database'
import type { Database } from '@kit/postgres/queryable'
import type { RpcClient } from '@kit/rpc/procedure'
import { nameOf } from '@kit/rpc/registry'
import type { Health } from '@kit/telemetry/health'
import { BROKER_UP } from '@kit/telemetry/metrics'
import { watchPool } from '@kit/telemetry/pool-metrics'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { Closing } from './closing.ts'
import { openFacts, type OpenFacts } from './open-facts.ts'
import type { Foundation, Parts, Service } from './service.ts'

type Config = Readonly<Record<PropertyKey, unknown>>

/** What the process gives to each of its services. */
export type Surroundings = {
  readonly database: SharedDatabase
  readonly platform: Platform
  readonly telemetry: Telemetry
  /** What tells whether the process is ready; parts of it add to this what would tell of their standing still. */
  readonly health?: Health
  readonly rpc: RpcClient
  /** Where the shop is reached, once this process listens for it; nothing where another process does. */
  readonly address?: () => string | undefined
  readonly log: Log
  /** With which of its services messages are handled in one transaction: those on the same database. */
  readonly together?: Together
  /** How jobs come to their workers; straight from the table when absent. */
  readonly openJobs?: OpenJobs
}

/** A service with its connections open, not yet reading or working. */
export type OpenService = AsyncDisposable & {
  readonly service: Service
  readonly parts: Parts
  readonly db: Database
  readonly resources: Resources
  readonly send: Send
  readonly reader: Reader
  readonly runner: Jobs
  readonly facts: OpenFacts
  /** Starts reading, working and the background loops. */
  readonly start: () => void
  /** What is being closed at the moment. */
  readonly closing: string | undefined
}

/** Opens a service on a migrated database. `config` is its parsed part of the environment. */
export const openService = async (service: Service, config: Config, around: Surroundings): Promise<OpenService> => {
  const { platform, rpc, log, together, openJobs = (options) => new JobRunner(options) } = around
  const telemetry = { ...around.telemetry, log: around.telemetry.log.child({ service: service.name }) }
  const owned = new Closing()
  try {
    const connect = (name: string): Database => {
      const database = around.database.of(name)
      watchPool(name, database.stats, telemetry.metrics)
      const check = around.health?.add(`database ${name}`, async () => {
        await database.ping()
        return undefined
      })
      owned.use(`check of database ${name}`, check)
      return database
    }
    const db = connect(service.name)
    const companions = new Map((service.companions ?? []).map(({ name }) => [name, connect(name)]))

    let runner: Jobs | undefined
    const enqueue = enqueuer(platform, () => runner)
    const { send, transact } = openTransact({ db, platform, log, written: together?.sent, enqueue })

    const foundation: Foundation<Config> = {
      config,
      db,
      platform,
      rpc: declaredCalls(service, rpc),
      transact,
      log: telemetry.log,
      metrics: telemetry.metrics,
      address: around.address ?? (() => undefined),
      companion: (name) => companions.get(name) ?? missing(service.name, name),
      own: (resource) => owned.use('its own', resource),
    }
    const parts = await service.parts(foundation)
    const { consumers = [], workers = [], background = [] } = parts
    const commit = together?.commitFor({ group: service.name, db, enqueue, send })
    const jobs = owned.use('jobs', openJobs({ workers, db, send, commit, platform, telemetry }))
    runner = jobs
    const types = workers.map(({ job }) => job.type)
    watchDeadLetters(service.name, db, telemetry.metrics)
    watchJobs(service.name, types, db, telemetry.metrics)
    owned.use('check of jobs', watchBroker(service.name, jobs, { ...around, telemetry }))
    const facts = owned.use('facts', openFacts(service, { db, send, log, platform, telemetry }))
    // Every service has one: the log keeps everything for a group that has never joined it.
    const reader = owned.use(
      'reader',
      new Reader({
        group: service.name,
        consumers: [...consumers, ...facts.consumers],
        db,
        send,
        enqueue,
        together,
        log,
        platform,
        telemetry,
        rest: service.restAfterBatch,
        missed: facts.missed,
      }),
    )
    owned.use(
      'check',
      around.health?.add(`messages ${service.name}`, async () => reader.complaint()),
    )
    return {
      service,
      parts,
      db,
      resources: { db, platform, transact },
      send,
      reader,
      runner: jobs,
      facts,
      start: () => {
        jobs.start()
        if (workers.length > 0) owned.use('forgetting of old keys', forgetOldKeys(db, telemetry.log))
        reader.start()
        facts.start()
        for (const begin of background) owned.use('background', begin())
      },
      get closing() {
        return owned.closing
      },
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    }
  } catch (error) {
    await owned[Symbol.asyncDispose]()
    throw error
  }
}

/** Whether the broker that hands out the jobs is there, where there is one. */
const watchBroker = (
  service: string,
  { broker }: Jobs,
  { health, telemetry }: Pick<Surroundings, 'health' | 'telemetry'>,
): Disposable | undefined => {
  if (broker === undefined) return undefined
  const up = telemetry.metrics.gauge(...BROKER_UP)
  telemetry.metrics.collect(() => up.set({ broker: broker.name, service }, broker.isUp() ? 1 : 0))
  return health?.add(`jobs ${service}`, async () => broker.complaint())
}

/** Calls what the service declares. Throws for a procedure that its `calls` leave out. */
const declaredCalls = ({ name, calls = [] }: Service, rpc: RpcClient): RpcClient => ({
  call: async (procedure, request, options) => {
    if (calls.includes(procedure)) return rpc.call(procedure, request, options)
    throw new Error(`the service ${name} does not declare that it calls ${nameOf(procedure)}`)
  },
})

const missing = (service: string, companion: string): never => {
  throw new Error(`the service ${service} declares no companion ${companion}`)
}
