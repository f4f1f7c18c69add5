import { generalProblems } from '@kit/problem/general'
import { isRefusal } from '@kit/problem/refusal'
import type { Problems, Refusal } from '@kit/problem/refusal'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { withTrace } from '@kit/telemetry/trace-context'
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  onRequestHookHandler,
  RouteOptions,
} from 'fastify'
import { authenticate } from './authentication.ts'
import type { AnyEndpoint, Method } from './endpoint.ts'
import './decorations.ts'
import { EventStream, readEvents } from './event-stream.ts'
import { IncomingRequest } from './incoming-request.ts'
import { acceptForms } from './json-body.ts'
import { answerProblem } from './problem-answer.ts'
import type { Admit, Reply, Resources, Route } from './route.ts'
import type { TokenVerifier } from './token.ts'
import { validatorCompiler } from './validation.ts'

export type ServicePluginOptions = {
  /** The service, as it stands in logs. */
  readonly name: string
  readonly routes: readonly Route[]
  /** The service's own refusals; the general ones are always known. */
  readonly problems: Problems
  readonly resources: Resources
  readonly verifier: TokenVerifier
  readonly telemetry: Telemetry
}

/** One service's routes as a Fastify plugin, for an instance made by `openServer`. Throws on an undeclared problem. */
export const servicePlugin = (service: ServicePluginOptions): FastifyPluginCallback => {
  for (const { endpoint } of service.routes) requireProblems(endpoint, service)
  return (app, _options, done) => {
    app.setValidatorCompiler(validatorCompiler)
    for (const route of service.routes) addRoute(app, route, service)
    done()
  }
}

const requireProblems = (endpoint: AnyEndpoint, { name, problems }: ServicePluginOptions): void => {
  for (const code of endpoint.problems ?? []) {
    if (code in problems || code in generalProblems) continue
    throw new Error(
      `${name}: ${endpoint.method} ${endpoint.path} may refuse with ${code}, which problems.ts does not have`,
    )
  }
}

const addRoute = (app: FastifyInstance, { endpoint, handle, admit }: Route, service: ServicePluginOptions): void => {
  const { resources, problems } = service
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const incoming = new IncomingRequest(request, reply, resources.platform, app.draining)
    const outcome = await withTrace({ trace_id: request.id }, () => handle(incoming, resources))
    if (isRefusal(outcome)) return answerProblem(request, reply, outcome, problems)
    if (outcome instanceof EventStream) return answerEvents(incoming, reply, outcome, service)
    return answerGood(request, reply, outcome, endpoint)
  }
  const onRequest = [authenticate(endpoint.audience, service.verifier)]
  if (admit !== undefined) onRequest.push(admission(admit, problems))
  for (const { method, path } of [endpoint, ...(endpoint.aliases ?? [])]) {
    const config = endpoint.rawBody === true ? { rawBody: true } : {}
    const options = { method, url: path, schema: schemaOf(endpoint, method), config, onRequest, handler }
    if (endpoint.takesForms === true) app.register(formRoute(options))
    else app.route(options)
  }
}

const admission =
  (admit: Admit<any>, problems: Problems): onRequestHookHandler =>
  (request, reply, done) => {
    const tell = (refusal: Refusal | undefined): void => {
      if (refusal === undefined) done()
      else answerProblem(request, reply, refusal, problems)
    }
    const refusal = admit(request)
    if (refusal instanceof Promise) refusal.then(tell, done)
    else tell(refusal)
  }

/** A plugin of its own, so that no other route takes forms. */
const formRoute =
  (options: RouteOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    acceptForms(app)
    app.route(options)
    done()
  }

const NO_QUERY = { type: 'object', properties: {} }

const schemaOf = ({ params, query, headers, body, answer }: AnyEndpoint, method: Method): FastifySchema => ({
  ...(params !== undefined && { params }),
  querystring: query ?? NO_QUERY,
  ...(headers !== undefined && { headers }),
  ...(body !== undefined && method !== 'GET' && { body }),
  // Answers are written by their schema, so a field that is not declared cannot leak.
  response: { '2xx': answer },
})

const answerGood = (
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: unknown,
  { status = 200, type = 'application/json' }: AnyEndpoint,
): FastifyReply => {
  // Whoever is signed in gets what is theirs; no cache between may keep it.
  if (request.caller !== undefined) reply.header('cache-control', 'no-store')
  const { answer, headers = {}, status: code = status } = isReply(outcome) ? outcome : { answer: outcome }
  reply.code(code).headers(headers)
  if (code === 204 || code === 304) return reply.send()
  if (type.startsWith('text/')) reply.header('content-type', `${type}; charset=utf-8`)
  return reply.send(answer)
}

const isReply = (outcome: unknown): outcome is Reply<unknown> =>
  typeof outcome === 'object' && outcome !== null && 'answer' in outcome && 'headers' in outcome

const answerEvents = (
  incoming: IncomingRequest,
  reply: FastifyReply,
  stream: EventStream,
  { telemetry }: ServicePluginOptions,
): FastifyReply => {
  const events = readEvents(stream, incoming.signal)
  // The status is out by then: breaking off is all that can be told to the client, which comes back by itself.
  events.once('error', (error) => telemetry.log.error({ error, trace_id: reply.request.id }, 'an event stream failed'))
  // Proxies must hand the events on as they come.
  reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  return reply.send(events)
}
