import { serviceNames } from '@argosy/contracts/services'
import type { ServiceName } from '@argosy/contracts/services'
import type { Environment } from '@kit/config/config'
import type { Platform } from '@kit/platform/platform'
import { openQueue } from '@kit/queue/open-queue'
import { openRegistry } from '@kit/rpc/registry'
import { Closing } from '@kit/service/closing'
import { openService } from '@kit/service/open-service'
import type { OpenService, Surroundings } from '@kit/service/open-service'
import type { Service } from '@kit/service/service'
import { openHealth, type Health } from '@kit/telemetry/health'
import { openMetrics } from '@kit/telemetry/metrics'
import type { Logger, Metrics } from '@kit/telemetry/telemetry'
import { account } from '@services/account/service'
import { catalog } from '@services/catalog/service'
import type { GatewayOptions } from '@services/gateway/service'
import { inventory } from '@services/inventory/service'
import { mail } from '@services/mail/service'
import { order } from '@services/order/service'
import { payment } from '@services/payment/service'
import { purchase } from '@services/purchase/service'
import { choose, readConfig } from './fleet/config.ts'
import type { Choice, Config } from './fleet/config.ts'
import { placesOf } from './fleet/databases.ts'
import { openHttp } from './fleet/http.ts'
import { openLogs, type At, type Logs } from './fleet/logs.ts'
import { answerOthers, openRpc } from './fleet/rpc.ts'
import { upstreamsOf, watchUpstreams } from './fleet/upstreams.ts'
import type { Progress } from './progress.ts'

const own: Readonly<Record<ServiceName, Service>> = { account, catalog, inventory, mail, order, payment, purchase }

/** Everything that has a schema, in the order in which it opens. The gateway has none. */
export const services: readonly Service[] = serviceNames.map((name) => own[name])

export type FleetOptions = {
  readonly env: Environment
  /** Names of the services that this process runs; all and the gateway when absent. */
  readonly only?: readonly string[]
  readonly log: Logger
  readonly platform: Platform
  readonly progress: Progress
  /** Gives up the start when it is aborted; it says nothing of a fleet that has started. */
  readonly signal?: AbortSignal
  /** What examples in the API's description stand on; asked for each time that somebody reads it. */
  readonly samples?: GatewayOptions['samples']
}

export type Fleet = AsyncDisposable & {
  /** Where to go, by name; `api` is the address of the process itself. */
  readonly urls: Readonly<Record<string, string>> & { readonly api: string }
  /** What is being closed at the moment. */
  readonly closing: string | undefined
}

/**
 * Starts the shop, or the part of it that is asked for. When something is wrong, or the signal is aborted at whatever phase,
 * nothing is left running.
 */
export const startFleet = async (options: FleetOptions): Promise<Fleet> => {
  const owned = new Closing()
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>()
  // It ends connections, so it must say nothing any more once they are at work.
  const opening = new AbortController()
  const stop = (): void => {
    opening.abort()
    giveUp(new Error('the start was given up', { cause: options.signal?.reason }))
  }
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    options.signal?.throwIfAborted()
    // What is still being opened when the start is given up is closed as soon as it is open.
    return await Promise.race([launch({ ...options, signal: opening.signal }, owned), givenUp])
  } catch (error) {
    await owned[Symbol.asyncDispose]()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

/** From the ground up; what is opened last is closed first. */
const launch = async (options: FleetOptions & { readonly signal: AbortSignal }, owned: Closing): Promise<Fleet> => {
  const { env, only, log, platform, progress } = options
  const choice = choose(services, only)
  const config = readConfig(env, choice, log)
  const metrics = openMetrics({ process: true })
  const telemetry = { log, metrics }
  const health = openHealth({ log })

  const places = placesOf(services, choice.services, config.own)
  const logs = await openLogs({ places, config, telemetry, options }, owned)
  health.add('log', async () => logs.complaint())
  watchUpstreams(upstreamsOf(choice, config), choice, health)
  publish(health, metrics)
  const registry = openRegistry()
  const rpc = openRpc(registry, config.fleet, platform, owned)
  const openJobs = openQueue(config.fleet.QUEUE_URL)
  let api: string | undefined
  const around = { platform, telemetry, health, rpc, openJobs, address: () => (choice.gateway ? api : undefined) }

  const opened = progress('services')
  const running = await openServices(choice, config, { ...around, at: logs.at }, owned)
  for (const { parts, resources } of running) registry.provide(parts.procedures ?? [], resources)
  opened(choice.services.map(({ name }) => name).join(' '))

  if (only !== undefined) owned.use('gRPC', await answerOthers(registry, config.fleet, config.own.HOST, log))
  const http = owned.use(
    'HTTP',
    await openHttp(running, choice, config, {
      telemetry,
      platform,
      health,
      scrape: () => metrics.text(),
      samples: options.samples,
    }),
  )
  const listening = progress('http')
  api = await http.listen({ host: config.own.HOST, port: config.own.PORT })
  // What services do on their own begins when the address is known: letters carry it.
  for (const service of running) service.start()
  listening(api)
  return {
    urls: placesAt(api, choice),
    get closing() {
      return owned.closing
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

/** What `/readyz` tells, for those who look at figures. */
const publish = (health: Health, metrics: Metrics): void => {
  const ready = metrics.gauge('argosy_ready', 'Whether a part of the process can do its work: 1, or 0.', ['check'])
  metrics.collect(async () => {
    for (const [check, reason] of Object.entries(await health.look()))
      ready.set({ check }, reason === undefined ? 1 : 0)
  })
}

const openServices = async (
  choice: Choice,
  config: Config,
  { at, ...around }: Omit<Surroundings, keyof At> & Pick<Logs, 'at'>,
  owned: Closing,
): Promise<readonly OpenService[]> => {
  const running: OpenService[] = []
  for (const service of choice.services) {
    running.push(
      owned.use(
        `service ${service.name}`,
        await openService(service, config.of(service), { ...around, ...at(service) }),
      ),
    )
  }
  return running
}

const placesAt = (api: string, { gateway }: Choice): Fleet['urls'] =>
  gateway
    ? { api, docs: `${api}/docs`, mailbox: `${api}/mailbox`, metrics: `${api}/metrics` }
    : { api, metrics: `${api}/metrics` }
