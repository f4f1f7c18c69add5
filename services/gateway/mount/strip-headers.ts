import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'

/** Headers that say who calls or where from. Only the access token says who; only our own proxy says where from. */
const FORGEABLE =
  /^(x-(user|account|customer|role|roles|auth|internal|forwarded|original|real|client|remote|cluster|envoy)(-.*)?|forwarded|true-client-ip|via|cf-.*|.*_.*)$/

/** RFC 9110, section 7.6.1, and what older clients send. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Whether a header may not pass from a caller to a service. Names with `_` may be read as ones with `-` further on. */
const isForgeable = (name: string): boolean => FORGEABLE.test(name)

/** Takes forgeable headers off a request before any service sees it. */
export const stripForgeable: onRequestHookHandler = (request, _reply, done) => {
  const { headers } = request
  for (const name in headers) {
    if (isForgeable(name)) delete headers[name]
  }
  done()
}

/** The headers that go on to a service in another process; what `connection` names stays behind too (RFC 9110, 7.6.1). */
export const headersToPass = (request: FastifyRequest): Record<string, string | string[]> => {
  const named = new Set(
    (request.headers.connection ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  const drop = (name: string): boolean =>
    HOP_BY_HOP.has(name) || named.has(name) || name === 'host' || name === 'expect' || name === 'content-length'
  const passed = Object.entries(request.headers).filter(([name]) => !drop(name) && !isForgeable(name))
  return {
    ...(Object.fromEntries(passed) as Record<string, string | string[]>),
    'x-forwarded-for': request.ip,
    'x-forwarded-host': request.host,
    'x-forwarded-proto': request.protocol,
  }
}

/** The headers of an answer that come back to the caller. */
export const headersToReturn = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
