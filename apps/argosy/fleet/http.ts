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
import { shownAccounts } from '../demo/people.ts'
import type { Choice, Config } from './config.ts'

const KEYS = '/.well-known/jwks.json'

type Serving = Required<Pick<ServerOptions, 'telemetry' | 'platform' | 'scrape' | 'health'>>

/** The HTTP side of this process: the gateway with the services mounted, or the services alone. Not yet listening. */
export const openHttp = async (
  running: readonly OpenService[],
  choice: Choice,
  config: Config,
  serving: Serving,
): Promise<Server> => {
  const own: { server?: Server } = {}
  const ownKeys = async (): ReturnType<VerifierOptions['keys']> => {
    if (own.server === undefined) throw new Error('asked for keys before the server was open')
    return (await own.server.app.inject(KEYS)).json()
  }
  const hasAccount = running.some(({ service }) => service.name === 'account')
  const verifier = tokenVerifier({
    ...ACCESS_TOKEN,
    roles,
    clock: serving.platform.clock,
    keys: hasAccount ? ownKeys : keysAt(`${config.fleet.ACCOUNT_URL}${KEYS}`),
  })
  const plugins = Object.fromEntries(
    running.map((service) => [service.service.name, pluginOf(service, verifier, serving)]),
  )
  if (choice.gateway) {
    // Only a whole shop is filled with the demo.
    const demo = running.length === serviceNames.length ? shownAccounts(config.own) : undefined
    own.server = await gateway.open({ ...serving, config: config.gateway, verifier, mounted: plugins, demo })
    return own.server
  }
  const server = openServer(serving)
  own.server = server
  for (const plugin of Object.values(plugins)) await server.app.register(plugin)
  return server
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
