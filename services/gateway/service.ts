import { httpVariableOf } from '@argosy/contracts/services'
import type { ServiceName } from '@argosy/contracts/services'
import type { NamedEndpoint } from '@kit/http/openapi/document'
import type { Samples } from '@kit/http/openapi/operation'
import { openServer } from '@kit/http-server/server'
import type { Server, ServerOptions } from '@kit/http-server/server'
import type { TokenVerifier } from '@kit/http/token'
import type { FastifyPluginCallback } from 'fastify'
import type { Static } from 'typebox'
import { config } from './config.ts'
import { readContracts } from './contracts.ts'
import { mount } from './mount/mount.ts'
import type { Backend } from './mount/mount.ts'
import { addApiReference } from './pages/api-reference.ts'
import { asker } from './pages/ask.ts'
import { addHome } from './pages/home/routes.ts'
import type { DemoAccounts } from './pages/home/showcase.ts'
import { orderPages } from './pages/order/routes.ts'
import { answerUnreadable, showProblemsToPeople } from './pages/problem-for-people.ts'
import { addProblemPages } from './pages/problem-pages.ts'
import { leadFromTrailingSlash } from './pages/trailing-slash.ts'
import { limitsOf } from './policies.ts'
import { openUpstream } from './proxy/upstream.ts'
import { memoryLimiter } from './rate-limit/limiter.ts'

export type GatewayOptions = Pick<ServerOptions, 'telemetry' | 'platform' | 'scrape' | 'health'> & {
  readonly config: Static<typeof config>
  readonly verifier: TokenVerifier
  /** The plugins of the services that run in this process; all others are looked for at their URLs. */
  readonly mounted: Readonly<Record<string, FastifyPluginCallback>>
  /** What examples in the API's description stand on, as far as it is known: asked for each time. */
  readonly samples?: (() => Promise<Samples>) | undefined
  /** Shown on the first screen, passwords included; absent where there is no demo. */
  readonly demo?: DemoAccounts | undefined
}

/** The one door to the shop. It has no tables and no messages, so it is opened and not run like the other services. */
export const gateway = {
  name: 'gateway',
  config,
  open: async (options: GatewayOptions): Promise<Server> => {
    const { config: settings, platform, verifier, mounted } = options
    const upstreams = new AsyncDisposableStack()
    const server = openServer({
      ...options,
      trustProxy: settings.TRUST_PROXY,
      origins: settings.CORS_ORIGINS,
      unreadable: answerUnreadable,
    })
    server.app.addHook('onClose', () => upstreams.disposeAsync())
    showProblemsToPeople(server.app)
    leadFromTrailingSlash(server.app)
    const ask = asker(server.app, platform)
    addHome(server.app, ask, platform.clock, options.demo)
    await server.app.register(orderPages(ask))
    const contracts = await readContracts()
    addApiReference(server.app, Object.fromEntries(contracts), options.samples)
    addProblemPages(server.app, new URL('../../docs/problems/', import.meta.url))
    const backend = (service: ServiceName, named: readonly NamedEndpoint[]): Backend => {
      const urls = settings[httpVariableOf(service)]
      return {
        endpoints: named.map(({ endpoint }) => endpoint),
        plugin: mounted[service],
        upstream: urls === undefined ? undefined : upstreams.use(openUpstream(service, urls, platform)),
      }
    }
    const backends = Object.fromEntries([...contracts].map(([name, endpoints]) => [name, backend(name, endpoints)]))
    await mount(server.app, backends, { limits: limitsOf(settings), limiter: memoryLimiter(platform.clock), verifier })
    return server
  },
}
