import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Platform } from '@kit/platform/platform'
import { generalProblems, type GeneralCode } from '@kit/problem/general'
import { problemDocument } from '@kit/problem/problem-document'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { newTraceId } from '@kit/telemetry/trace-context'

type ClientErrors = {
  /** Is told of every request: the last one of a connection is the one that may still be answered. */
  readonly begin: (socket: Socket, response: ServerResponse) => void
  /** Node's `clientError`: what its parser could not read as a request, or a request that did not arrive whole. */
  readonly answer: (error: Error & { readonly code?: string }, socket: Socket) => void
}

/**
 * Answers what is no request, of which nothing is known but the connection. A request before it on the same connection gets its
 * own answer first; an answer that has begun is cut off, for whatever followed would be read as its end.
 */
export const clientErrors = (platform: Platform): ClientErrors => {
  const latest = new WeakMap<Socket, ServerResponse>()
  return {
    begin: (socket, response) => void latest.set(socket, response),
    answer: (error, socket) => {
      const refusal = refusalOf(error.code)
      const response = latest.get(socket)
      const isOpen = response !== undefined && !response.writableFinished && !response.destroyed
      if (refusal === undefined || !socket.writable) return void socket.destroy()
      if (!isOpen) return end(socket, refusal, platform)
      if (response.req.complete) return void response.once('close', () => end(socket, refusal, platform))
      if (response.headersSent) return void socket.destroy()
      end(socket, refusal, platform)
    },
  }
}

const end = (socket: Socket, refusal: Refusal<GeneralCode>, platform: Platform): void => {
  if (!socket.writable) return void socket.destroy()
  const problem = generalProblems[refusal.refused]
  const traceId = newTraceId(platform)
  const body = JSON.stringify(problemDocument(refusal, problem, { path: '/', traceId }))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${traceId}`,
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/** Undefined: nobody is there to be answered, the connection itself is broken (ECONNRESET, EPIPE, ETIMEDOUT …). */
const refusalOf = (code = ''): Refusal<GeneralCode> | undefined => {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request-timeout', { detail: 'The request did not arrive whole in time. Send it again.' })
    case 'HPE_HEADER_OVERFLOW':
      return refuse('headers-too-large', { detail: 'Send at most 16 KiB of address and headers.' })
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refuse('payload-too-large', { detail: 'Send at most 16 KiB of chunk extensions.' })
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return refuse('http-version-not-supported', { detail: 'Send HTTP/1.1.' })
  }
  // The parser's own failures, which no client can mend.
  if (/^HPE_(?:INTERNAL|USER|CB_)/.test(code)) return refuse('internal-error', {})
  if (code.startsWith('HPE_')) return refuse('invalid-request', { detail: 'This is not HTTP as RFC 9112 writes it.' })
  return undefined
}
