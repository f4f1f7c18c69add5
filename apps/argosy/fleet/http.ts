import { ACCESS_TOKEN } from '@argosy/contracts/http/account'
import { roles } from '@argosy/contracts/roles'
import { serviceNames } from '@argosy/contracts/services'
import { openServer } from '@kit/http-server/server'
import type { Server, ServerOptions } from '@kit/http-server/server'
import { servicePlugin } from '@kit/http/service-plugin'
import { keysAt, tokenVerifier } from '@kit/http/token'
import type { TokenVerifier, VerifierOptions } from '@kit/http/token'
import type { OpenService } from '@kit/service/open-service'
import { gateway } from '@services/gateway/service'
import type { GatewayOptions } from '@services/gateway/service'
import { shownAccounts } from '../demo/people.ts'
import type { Choice, Config } from './config.ts'

const KEYS = '/.well-known/jwks.json'

type Serving = Required<Pick<ServerOptions, 'telemetry' | 'platform' | 'scrape' | 'health'>> &
  Pick<GatewayOptions, 'samples'>

/** The HTTP side of this process: the gateway with the services mounted, or the services alone. Not yet listening. */
export const openHttp = async (
  running: readonly OpenService[],
  choice: Choice,
  config: Config,
  serving: Serving,
): Promise<Server> => {
  const own: { server?: Server; keys?: Awaited<ReturnType<VerifierOptions['keys']>> } = {}
  const ownKeys = async (): ReturnType<VerifierOptions['keys']> => {
    if (own.server === undefined) throw new Error('asked for keys before the server was open')
    // A server that drains still answers who has come, and is not asked itself any more.
    if (own.keys !== undefined && own.server.app.draining.aborted) return own.keys
    own.keys = (await own.server.app.inject(KEYS)).json()
    return own.keys
  }
  const hasAccount = running.some(({ service }) => service.name === 'account')
  const verifier = tokenVerifier({
    ...ACCESS_TOKEN,
    roles,
    clock: serving.platform.clock,
    keys: hasAccount ? ownKeys : keysAt((config.fleet.ACCOUNT_URL ?? []).map((url) => url + KEYS)),
  })
  const plugins = Object.fromEntries(
    running.map((service) => [service.service.name, pluginOf(service, verifier, serving)]),
  )
  if (choice.gateway) {
    // Only a whole shop is filled with the demo.
    const demo = running.length === serviceNames.length ? shownAccounts(config.own) : undefined
    own.server = await gateway.open({ ...serving, config: config.gateway, verifier, mounted: plugins, demo })
  } else {
    own.server = openServer(serving)
    for (const plugin of Object.values(plugins)) await own.server.app.register(plugin)
  }
  // Or one that is told to end before it has seen a token could not tell who calls.
  if (hasAccount) await ownKeys()
  return own.server
}

const pluginOf = ({ service, parts, resources }: OpenService, verifier: TokenVerifier, { telemetry }: Serving) =>
  servicePlugin({
    name: service.name,
    routes: parts.routes ?? [],
    problems: service.problems,
    resources,
    verifier,
    telemetry,
  })
