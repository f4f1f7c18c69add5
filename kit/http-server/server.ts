import { faultKindOf } from '@kit/fault/fault'
import { NotBegun } from '@kit/fault/not-begun'
import '@kit/http/decorations'
import { acceptJson } from '@kit/http/json-body'
import { answerProblem } from '@kit/http/problem-answer'
import type { Platform } from '@kit/platform/platform'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Health } from '@kit/telemetry/health'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { newTraceId, traceIdOf } from '@kit/telemetry/trace-context'
import { clientErrors } from './client-error.ts'
import { addDeadline } from './deadline.ts'
import { drainOnClose } from './drain.ts'
import { refusalOfError } from './fault.ts'
import { addHealth } from './health.ts'
import { allowOrigins } from './origins.ts'
import { answerNotFound } from './not-found.ts'
import { measureRequests } from './request-metrics.ts'

export type ServerOptions = {
  readonly telemetry: Telemetry
  readonly platform: Platform
  /** The text of `/metrics`; without it there is no such address. */
  readonly scrape?: () => Promise<string>
  /** What `/readyz` asks; without it the process is ready as soon as it answers. */
  readonly health?: Health
  /** Whether `x-forwarded-for` is believed: only behind a proxy of our own. */
  readonly trustProxy?: boolean
  /** Web origins whose pages may call (CORS); none unless said otherwise. */
  readonly origins?: readonly string[]
  /** Answers an address that cannot be read, past all hooks; `answerProblem` unless said otherwise. */
  readonly unreadable?: (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => void
  /** Milliseconds a route may take before the caller is told `timeout`; 30,000 unless said otherwise. */
  readonly deadline?: number
  /** Requests that may wait for their answer at once; more are told `unavailable`. 4,000 unless said otherwise. */
  readonly most?: number
  /** Milliseconds in which a request must have arrived whole; 30,000 unless said otherwise. */
  readonly arrival?: number
}

export type Server = AsyncDisposable & {
  /** Plugins are registered here; tests call its `inject()`. */
  readonly app: FastifyInstance
  /** Answers from now on, and returns the address: `http://127.0.0.1:8080`. Port 0 takes a free one. */
  readonly listen: (at: { readonly host: string; readonly port: number }) => Promise<string>
}

/** A server with everything that all services need and no route of its own but health and metrics. Close it by disposal. */
export const openServer = (options: ServerOptions): Server => {
  const { telemetry, platform, arrival = 30_000, unreadable: answer = answerProblem } = options
  const unreadable = clientErrors(platform)
  const app = Fastify({
    logger: false,
    genReqId: (request) => traceIdOf(request.headers['traceparent']) ?? newTraceId(platform),
    bodyLimit: 1_048_576,
    requestTimeout: arrival,
    keepAliveTimeout: 72_000,
    trustProxy: options.trustProxy ?? false,
    // What arrives on an open connection while the server drains is still served, with `connection: close`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    http: { headersTimeout: arrival / 3, connectionsCheckingInterval: arrival / 3, insecureHTTPParser: false },
    clientErrorHandler: unreadable.answer,
    frameworkErrors: (error, request, reply) => void answer(request, reply, refusalOfError(error)),
  })
  app.decorateRequest('caller', undefined)
  app.decorateRequest('rawBody', undefined)
  acceptJson(app)
  drainOnClose(app)
  measureRequests(app, telemetry)
  addDeadline(app, { limit: options.deadline ?? 30_000, most: options.most ?? 4_000 })
  app.addHook('onRequest', greet)
  app.addHook('onRequest', ({ raw }, reply, done) => {
    unreadable.begin(raw.socket, reply.raw)
    done()
  })
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, telemetry))
  answerNotFound(app)
  allowOrigins(app, options.origins ?? [])
  addHealth(app, options)
  let listening: Promise<string> | undefined
  return {
    app,
    // Who comes while the process is busy is not left to the timers of TCP: the kernel keeps as many as it allows.
    listen: (at) => (listening = app.listen({ ...at, backlog: 4_096 })),
    [Symbol.asyncDispose]: async () => {
      // Fastify that is closed while it begins to listen goes on with it, and fails where nobody could catch it.
      await listening?.catch(() => undefined)
      await app.close()
    },
  }
}

const greet = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
  reply.header('x-request-id', request.id)
  reply.header('x-content-type-options', 'nosniff')
  if (!request.url.includes('%00')) return done()
  answerProblem(request, reply, refuse('invalid-request', { detail: 'The address must not hold NUL.' }))
}

const answerError = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: Telemetry,
): FastifyReply => {
  const refusal = refusalOfError(error)
  const fields = { error, trace_id: request.id, method: request.method, route: request.routeOptions.url }
  if (refusal.refused === 'internal-error') log.error(fields, 'a request failed')
  else if (error instanceof NotBegun) log.debug(fields, 'a request was turned away')
  else if (refusal.refused === 'unavailable') log.warn(fields, 'a request failed and may succeed if repeated')
  else if (faultKindOf(error) === 'unstorable') log.warn(fields, 'a schema let through what cannot be stored')
  return answerProblem(request, reply, refusal)
}
