import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { closedSignal } from '@kit/http/incoming-request'
import { Refused } from '@kit/http/refused'
import type { Platform } from '@kit/platform/platform'
import { refuse } from '@kit/problem/refusal'
import { newTraceparent } from '@kit/telemetry/trace-context'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { headersToPass, headersToReturn } from '../mount/strip-headers.ts'
import { bodyToPass } from './body.ts'

/** Bodies up to this many bytes are passed in one piece: measured half again as fast as a stream. */
const SMALL = 65_536

/** A service that is a process of its own. */
export type Upstream = AsyncDisposable & {
  /** Passes the request on and its answer back. Rejects with a Refused when there is none within `within` seconds. */
  readonly pass: (request: FastifyRequest, reply: FastifyReply, within: number) => Promise<FastifyReply>
}

export const openUpstream = (service: string, url: string, platform: Platform): Upstream => {
  const pool = new Pool(url, { connections: 128, connect: { timeout: 2_000 }, bodyTimeout: 60_000 })
  const ask = async (
    request: FastifyRequest,
    reply: FastifyReply,
    within: number,
  ): Promise<Dispatcher.ResponseData> => {
    const call: Dispatcher.RequestOptions = {
      method: request.method,
      path: request.url,
      headers: { ...headersToPass(request), traceparent: newTraceparent(request.id, platform) },
      body: await bodyToPass(request, SMALL),
      headersTimeout: within * 1000,
      signal: closedSignal(reply),
    }
    try {
      return await pool.request(call)
    } catch (error) {
      // The service may have closed an idle connection just as it was taken. Reading twice does no harm.
      if (request.method !== 'GET' || !LOST.has(codeOf(error))) throw error
      return pool.request(call)
    }
  }
  return {
    pass: async (request, reply, within) => {
      const { status, headers, body } = await answerOf(ask(request, reply, within), service)
      reply.code(status).headers(headersToReturn(headers))
      // Event streams would outlast the drain; their clients come back by themselves.
      const isStream = String(headers['content-type']).startsWith('text/event-stream')
      if (isStream && body instanceof Readable) {
        request.server.draining.addEventListener('abort', () => body.destroy(), { once: true })
      }
      return reply.send(body)
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Readable | Buffer }

const answerOf = async (asked: Promise<Dispatcher.ResponseData>, service: string): Promise<Answer> => {
  try {
    const { statusCode: status, headers, body } = await asked
    const small = Number(headers['content-length']) <= SMALL
    return { status, headers, body: small ? Buffer.from(await body.arrayBuffer()) : body }
  } catch (error) {
    throw refusedFor(error, service)
  }
}

const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
const SLOW = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** What the caller is told; an error that says nothing of the service is handed back as it is. */
const refusedFor = (error: unknown, service: string): unknown => {
  const code = codeOf(error)
  if (ABSENT.has(code)) {
    return new Refused(refuse('unavailable', { detail: `The ${service} service cannot be reached.`, retryAfter: 1 }))
  }
  if (LOST.has(code)) {
    const detail = `The ${service} service broke off; nothing is known of the outcome, so look before you repeat it.`
    return new Refused(refuse('unavailable', { detail, retryAfter: 1 }))
  }
  if (SLOW.has(code)) {
    const detail = `The ${service} service took too long; nothing is known of the outcome, so look before you repeat it.`
    return new Refused(refuse('timeout', { detail }))
  }
  return error
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
