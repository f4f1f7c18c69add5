import { Refused } from '@kit/http/refused'
import { refuse } from '@kit/problem/refusal'

const ABSENT = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'UND_ERR_CONNECT_TIMEOUT'])
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const SLOW = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
/** While these are under way nothing has been said yet. */
const BEFORE = new Set(['connect', 'getaddrinfo'])

/** Whether no connection came about: nothing was sent. */
export const isAbsent = (error: unknown): boolean =>
  ABSENT.has(textIn(error, 'code')) || BEFORE.has(textIn(error, 'syscall'))

/** Whether the connection ended before the answer: nobody knows what was read. */
export const isLost = (error: unknown): boolean => LOST.has(textIn(error, 'code')) && !isAbsent(error)

/** What the caller is told; an error that says nothing of the service is handed back as it is. */
export const refusedFor = (error: unknown, service: string): unknown => {
  if (isAbsent(error)) {
    return new Refused(refuse('unavailable', { detail: `The ${service} service cannot be reached.`, retryAfter: 1 }))
  }
  if (isLost(error)) {
    const detail = `The ${service} service broke off; nothing is known of the outcome, so look before you repeat it.`
    return new Refused(refuse('unavailable', { detail, retryAfter: 1 }))
  }
  if (SLOW.has(textIn(error, 'code'))) {
    const detail = `The ${service} service took too long; nothing is known of the outcome, so look before you repeat it.`
    return new Refused(refuse('timeout', { detail }))
  }
  return error
}

const textIn = (error: unknown, field: 'code' | 'syscall'): string => String(Object(error)[field] ?? '')
