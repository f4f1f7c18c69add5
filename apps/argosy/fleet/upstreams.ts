import { connect } from 'node:http2'
import { answeringNames, httpVariableOf, rpcVariableOf, serviceNames } from '@argosy/contracts/services'
import type { Health } from '@kit/telemetry/health'
import { ownerOf, type Choice, type Config } from './config.ts'

/** A service elsewhere that this process asks, and where its instances are. */
export type Upstream = {
  readonly service: string
  readonly by: 'http' | 'rpc'
  readonly urls: readonly string[]
}

/** How long one may take to say that it is there, in ms; a check of readiness has 2 s. */
const PATIENCE = 1_500

/** In words: `order`, and `order (rpc)`. */
export const nameOf = ({ service, by }: Pick<Upstream, 'service' | 'by'>): string =>
  by === 'rpc' ? `${service} (rpc)` : service

/** Every service that an address is given for, by HTTP and by gRPC. */
export const namedUpstreams = ({ fleet, gateway }: Pick<Config, 'fleet' | 'gateway'>): readonly Upstream[] =>
  [
    ...serviceNames.map((service) => ({ service, by: 'http' as const, urls: gateway[httpVariableOf(service)] ?? [] })),
    ...answeringNames.map((service) => ({ service, by: 'rpc' as const, urls: fleet[rpcVariableOf(service)] ?? [] })),
  ].filter(({ urls }) => urls.length > 0)

/** Those that this process asks: the gateway all that do not run here, a service those that it calls, and who has the keys. */
export const upstreamsOf = (choice: Choice, config: Config): readonly Upstream[] => {
  const here = new Set<string>(choice.services.map(({ name }) => name))
  const called = new Set<string>(
    choice.services.flatMap(({ calls = [] }) => calls.map(({ service }) => ownerOf(service))),
  )
  return namedUpstreams(config).filter(({ service, by }) => {
    if (here.has(service)) return false
    return by === 'rpc' ? called.has(service) : choice.gateway || service === 'account'
  })
}

/**
 * Lets readiness tell of upstreams of which no instance answers. The rest of the process works without one of them; a gateway
 * all of whose services are elsewhere and away can do nothing.
 */
export const watchUpstreams = (upstreams: readonly Upstream[], choice: Choice, health: Health): void => {
  for (const upstream of upstreams)
    health.add(`upstream ${nameOf(upstream)}`, () => trouble(upstream.urls), { vital: false })
  const behind = upstreams.filter(({ by }) => by === 'http')
  if (choice.services.length > 0 || behind.length === 0) return
  health.add('upstreams', async () => {
    const troubles = await Promise.all(behind.map(({ urls }) => trouble(urls)))
    return troubles.includes(undefined) ? undefined : 'no service answers'
  })
}

/** Undefined as soon as an instance answers, for a frozen one must not hold up who asks; otherwise why the first does not. */
const trouble = async (urls: readonly string[]): Promise<string | undefined> => {
  const asked = urls.map(absence)
  const { promise: served, resolve } = Promise.withResolvers<undefined>()
  const troubles = Promise.all(
    asked.map(async (answer) => {
      const reason = await answer
      if (reason === undefined) resolve(undefined)
      return reason
    }),
  )
  return Promise.race([served, troubles.then(([first]) => first)])
}

/** Why there is no answer at an address, in words without hosts; undefined when there is one. */
export const absence = (url: string): Promise<string | undefined> => (url.startsWith('grpc') ? ping(url) : live(url))

const SILENT = `no answer within ${PATIENCE} ms`

const live = async (url: string): Promise<string | undefined> => {
  try {
    const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(PATIENCE), redirect: 'manual' })
    await response.body?.cancel()
    return response.ok ? undefined : `answers ${response.status}`
  } catch (error) {
    return Object(error).name === 'TimeoutError' ? SILENT : `cannot be reached${codeIn(Object(error).cause)}`
  }
}

/** gRPC is HTTP/2, whose pings the peer's process has to answer. */
const ping = (url: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const session = connect(url.replace(/^grpc/, 'http'))
    const done = (reason?: string): void => {
      clearTimeout(late)
      session.destroy()
      resolve(reason)
    }
    const late = setTimeout(done, PATIENCE, SILENT)
    session.on('error', (error) => done(`cannot be reached${codeIn(error)}`))
    session.on('connect', () => {
      session.ping((error) => done(error === null ? undefined : `cannot be reached${codeIn(error)}`))
    })
  })

const codeIn = (error: unknown): string => {
  const { code }: { code?: unknown } = Object(error)
  return typeof code === 'string' ? ` (${code})` : ''
}
