import type { Telemetry } from '@kit/telemetry/telemetry'
import type { FastifyInstance } from 'fastify'

/** Slower than this is worth a line in the log, in milliseconds. */
const SLOW = 1_000

/** Measures every request by its route; the logs hear only of slow ones, unless they are set to `debug`. */
export const measureRequests = (app: FastifyInstance, { log, metrics }: Telemetry): void => {
  const duration = metrics.histogram(
    'argosy_http_request_duration_seconds',
    'Time from the request to the end of its answer.',
    ['route', 'method', 'status'],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  )
  // Per route and not per request: the labels are made once.
  app.addHook('onRoute', (route) => {
    const labels = new Map<string, Readonly<Record<string, string>>>()
    const measure: typeof route.onResponse = (request, reply, done) => {
      const { statusCode, elapsedTime } = reply
      const key = request.method + statusCode
      let known = labels.get(key)
      if (known === undefined) {
        known = { route: route.url, method: request.method, status: String(statusCode) }
        labels.set(key, known)
      }
      duration.observe(known, elapsedTime / 1000)
      const fields = { ...known, trace_id: request.id, ms: Math.round(elapsedTime) }
      // A stream lasts as long as it lasts.
      if (elapsedTime > SLOW && reply.getHeader('content-type') !== 'text/event-stream')
        log.warn(fields, 'slow request')
      else log.debug(fields, 'request')
      done()
    }
    route.onResponse = [...[route.onResponse ?? []].flat(), measure]
  })
}
