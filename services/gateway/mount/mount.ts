import { httpVariableOf, serviceNames } from '@argosy/contracts/services'
import type { LimitName, ServiceName } from '@argosy/contracts/services'
import { authenticate } from '@kit/http/authentication'
import type { AnyEndpoint } from '@kit/http/endpoint'
import { Refused } from '@kit/http/refused'
import type { TokenVerifier } from '@kit/http/token'
import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { policyOf } from '../policies.ts'
import { acceptAnyBody } from '../proxy/body.ts'
import type { Upstream } from '../proxy/upstream.ts'
import { limitCalls } from '../rate-limit/limit-calls.ts'
import type { Limit, RateLimiter } from '../rate-limit/limiter.ts'
import { stripForgeable } from './strip-headers.ts'

/** A service behind the gateway: in this process, in another one, or not running. */
export type Backend = {
  readonly endpoints: readonly AnyEndpoint[]
  readonly plugin?: FastifyPluginCallback | undefined
  readonly upstream?: Upstream | undefined
}

type Guard = {
  readonly limits: Readonly<Record<LimitName, Limit>> | undefined
  readonly limiter: RateLimiter
  readonly verifier: TokenVerifier
}

/** Puts the services on the gateway's server, each route under its policy. Throws for a route without one. */
export const mount = async (
  app: FastifyInstance,
  backends: Readonly<Partial<Record<ServiceName, Backend>>>,
  guard: Guard,
): Promise<void> => {
  await app.register(async (scope) => {
    // A hook per route, made once, instead of a look at the table per request.
    scope.addHook('onRoute', (route) => {
      if (route.url !== '*') route.onRequest = [...guards(route, guard), ...[route.onRequest ?? []].flat()]
    })
    for (const service of serviceNames) {
      const backend = backends[service]
      if (backend === undefined) continue
      // No second hop: the service's routes are this server's own.
      if (backend.plugin === undefined) await scope.register(proxied(service, backend, guard))
      else await scope.register(backend.plugin)
    }
  })
}

const guards = ({ url }: RouteOptions, { limits, limiter, verifier }: Guard) => {
  const limit = limits?.[policyOf(url).limit]
  return [...(limit === undefined ? [] : [limitCalls(limit, limiter, verifier)]), stripForgeable]
}

/** The declared operations of a service elsewhere, and nothing else of it. Here the token is checked, there it is again. */
const proxied =
  (service: ServiceName, { endpoints, upstream }: Backend, { verifier }: Guard): FastifyPluginCallback =>
  (app, _options, done) => {
    acceptAnyBody(app)
    for (const endpoint of endpoints) {
      for (const { method, path: url } of [endpoint, ...(endpoint.aliases ?? [])]) {
        const { within } = policyOf(url)
        const handler = (request: FastifyRequest, reply: FastifyReply) =>
          upstream === undefined
            ? notRunning(service)
            : upstream.pass(request, reply, { within, repeatable: isRepeatable(endpoint, request) })
        app.route({ method, url, onRequest: authenticate(endpoint.audience, verifier), handler })
      }
    }
    done()
  }

/** Whether the request made twice does what it does made once: it only reads, or its key says that the two are one. */
const isRepeatable = ({ method, takesKey }: AnyEndpoint, { headers }: FastifyRequest): boolean =>
  method === 'GET' || (takesKey === true && headers['idempotency-key'] !== undefined)

const notRunning = (service: ServiceName): Promise<never> => {
  const detail = `The ${service} service does not run here; ${httpVariableOf(service)} would say where it does.`
  return Promise.reject(new Refused(refuse('unavailable', { detail })))
}
