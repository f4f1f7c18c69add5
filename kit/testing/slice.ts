import { mistakesText, parseConfig } from '@kit/config/config'
import { testServer } from '@kit/embedded-postgres/test-server'
import { openServer, type Server } from '@kit/http-server/server'
import { servicePlugin } from '@kit/http/service-plugin'
import { openLonePostgresLog } from '@kit/log/postgres/open'
import type { Message } from '@kit/message/message'
import { listDeadLetters } from '@kit/messaging/dead-letters/letters'
import { scratchDatabase } from '@kit/migrations/template'
import { fixedPlatform, type FixedPlatform } from '@kit/platform/fixed'
import { openSharedDatabase } from '@kit/postgres/database'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Implementation, Procedure, RpcClient } from '@kit/rpc/procedure'
import { openService, type OpenService } from '@kit/service/open-service'
import { schemasOf } from '@kit/service/schemas'
import type { Service } from '@kit/service/service'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { TestLog } from './test-log.ts'
import { testToken, testVerifier, type As } from './tokens.ts'

export type SliceOptions = {
  /** The service's part of the environment; its schema's defaults for the rest. */
  readonly config?: Readonly<Record<string, string>>
  /** What other services would answer when this one calls them. */
  readonly procedures?: readonly Implementation[]
  /** Called at every failpoint; may throw in its place. */
  readonly failpoint?: (name: string) => void
}

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  /** Parsed when it is JSON. */
  readonly body: unknown
}

type RequestOptions = {
  readonly body?: unknown
  /** Signed in as this account; with the role `customer` unless said otherwise. */
  readonly as?: As
  readonly headers?: Readonly<Record<string, string>>
}

const hurryJobs = sql(import.meta.url, 'hurry-jobs.sql')

/** One service on a database of its own, in the real shell, with its neighbours played by the test. */
export type Slice = AsyncDisposable & {
  /** The service's schema, under its role. */
  readonly db: Database
  readonly platform: FixedPlatform
  /**
   * Delivers messages of other services as a bad day would: each twice in a row and, once everything they lead to in this
   * service is done, all of them again. Returns what the service published since the last call, without repetitions.
   * Throws when a message cannot be handled.
   */
  readonly deliver: (...messages: readonly Message[]) => Promise<readonly Message[]>
  /** Does what waits: messages in the log and jobs that are due. */
  readonly drain: () => Promise<void>
  /** What the service published since the last call, in log order, without repetitions. */
  readonly published: () => Promise<readonly Message[]>
  /** Makes every job due that waits for its time. */
  readonly hurry: () => Promise<void>
  /** Calls a route over HTTP, without a socket. */
  readonly request: (method: Method, path: string, options?: RequestOptions) => Promise<Answer>
  /** Calls one of the service's own procedures. */
  readonly call: RpcClient['call']
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Opens a service for a test: `await using shop = await slice(inventory)`. */
export const slice = async (service: Service, options: SliceOptions = {}): Promise<Slice> => {
  const owned = new AsyncDisposableStack()
  try {
    return await open(service, options, owned)
  } catch (error) {
    await owned.disposeAsync()
    throw error
  }
}

const open = async (service: Service, options: SliceOptions, owned: AsyncDisposableStack): Promise<Slice> => {
  const { config = {}, procedures = [], failpoint } = options
  const database = owned.use(await scratchDatabase({ url: await testServer(), schemas: schemasOf([service]) }))
  // It begins in the present, for due times are compared with the database's clock; then it stands still.
  const platform = fixedPlatform({ now: new Date(), ...(failpoint === undefined ? {} : { failpoint }) })
  const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }
  const shared = owned.use(openSharedDatabase({ url: database.url }))
  const around = { database: shared, platform, telemetry, log: openLonePostgresLog() }
  const running = owned.use(
    await openService(service, configOf(service, config), { ...around, rpc: playedBy(procedures, platform) }),
  )
  const server = owned.use(openServer({ telemetry, platform }))
  const plugin = {
    name: service.name,
    routes: running.parts.routes ?? [],
    problems: service.problems,
    resources: running.resources,
    verifier: testVerifier(platform.clock),
    telemetry,
  }
  server.app.register(servicePlugin(plugin))
  const log = new TestLog(running.db, platform)
  const drain = () => drainAll(running)
  return {
    db: running.db,
    platform,
    deliver: async (...messages) => {
      await log.append(messages.flatMap((message) => [message, message]))
      await drain()
      await log.append(messages)
      await drain()
      return log.published()
    },
    drain,
    published: () => log.published(),
    hurry: async () => {
      await running.db.query(hurryJobs)
    },
    request: (method, path, request = {}) => ask(server, platform, method, path, request),
    call: playedBy(running.parts.procedures ?? [], platform, running.db).call,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const configOf = (service: Service, env: Readonly<Record<string, string>>) => {
  const parsed = parseConfig({ [service.name]: service.config }, env)
  if (!parsed.ok) throw new Error(`${service.name}: ${mistakesText(parsed.mistakes)}`)
  return parsed.values[service.name] ?? {}
}

const drainAll = async ({ db, service, reader, runner, facts }: OpenService): Promise<void> => {
  do await reader.drain()
  while ((await facts.drain()) || (await runner.drain?.()) === true)
  const [parked] = await listDeadLetters(db, 1)
  if (parked !== undefined) throw new Error(`${service.name} cannot handle ${parked.envelope.type}: ${parked.reason}`)
}

const playedBy = (
  implementations: readonly Implementation[],
  platform: FixedPlatform,
  db: Database = noDatabase,
): RpcClient => ({
  call: async ({ service, method }: Procedure, request) => {
    const found = implementations.find(({ procedure }) => procedure.service === service && procedure.method === method)
    if (found === undefined) throw new Error(`nobody answers ${service}/${method}: pass it to slice() as a procedure`)
    return found.handle(request, { db, platform })
  },
})

const absent = () => Promise.reject(new Error('what another service would answer is played without a database'))
const noDatabase: Database = { query: absent, transaction: absent }

const ask = async (
  { app }: Server,
  { clock }: FixedPlatform,
  method: Method,
  path: string,
  { body, as, headers = {} }: RequestOptions,
): Promise<Answer> => {
  const {
    statusCode,
    headers: answered,
    payload,
  } = await app.inject({
    method,
    url: path,
    headers: { ...(as === undefined ? {} : { authorization: `Bearer ${testToken(as, clock)}` }), ...headers },
    ...(body === undefined ? {} : { body: body as object }),
  })
  const isJson = /[/+]json/.test(String(answered['content-type']))
  return { status: statusCode, headers: answered, body: isJson ? JSON.parse(payload) : payload }
}
