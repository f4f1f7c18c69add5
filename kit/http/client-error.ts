import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Platform } from '@kit/platform/platform'
import { generalProblems } from '@kit/problem/general'
import { problemDocument } from '@kit/problem/problem-document'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { newTraceId } from '@kit/telemetry/trace-context'

/** Answers what Node's parser could not read as a request, of which nothing is known but the connection. */
export const answerClientError =
  (platform: Platform) =>
  (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const refusal = refusalOf(error.code)
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

const refusalOf = (code: string | undefined): Refusal<'headers-too-large' | 'invalid-request'> => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return refuse('headers-too-large', { detail: 'Send at most 16 KiB of address and headers.' })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return refuse('invalid-request', { detail: 'The request did not arrive whole in time.' })
  return refuse('invalid-request', { detail: 'This is not HTTP as RFC 9112 writes it.' })
}
