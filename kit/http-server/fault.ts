import { faultKindOf } from '@kit/fault/fault'
import { NotBegun } from '@kit/fault/not-begun'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { Refused } from '@kit/http/refused'

/** What the caller is told of something thrown. Never its message: that may hold SQL, paths or data. */
export const refusalOfError = (error: unknown): Refusal => {
  if (error instanceof Refused) return error.refusal
  const { code, statusCode } = traitsOf(error)
  const known = KNOWN[code]
  if (known !== undefined) return known
  if (error instanceof NotBegun) return NOT_BEGUN
  const kind = faultKindOf(error)
  if (kind === 'transient') return refuse('unavailable', { retryAfter: 1 })
  // A net below the schemas; what falls into it is logged, for a schema is too wide.
  if (kind === 'unstorable') return refuse('invalid-request', { detail: 'A value is outside what can be stored.' })
  // Fastify's own complaints about a request: aborted, wrong length, bad header.
  if (statusCode >= 400 && statusCode < 500) return refuse('invalid-request', { detail: 'The request is malformed.' })
  return refuse('internal-error', { detail: 'It was logged under this trace id.' })
}

const traitsOf = (error: unknown): { readonly code: string; readonly statusCode: number } => {
  if (typeof error !== 'object' || error === null) return { code: '', statusCode: 0 }
  return {
    code: 'code' in error ? String(error.code) : '',
    statusCode: 'statusCode' in error ? Number(error.statusCode) : 0,
  }
}

const KNOWN: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: refuse('payload-too-large', { detail: 'Send at most 1 MiB.' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: refuse('unsupported-media-type', { detail: 'Send Content-Type: application/json.' }),
  FST_ERR_BAD_URL: refuse('invalid-request', { detail: 'The address holds a broken percent-encoding.' }),
  FST_ERR_MAX_PARAM_LENGTH: refuse('invalid-request', { detail: 'A part of the address is too long.' }),
}

const NOT_BEGUN = refuse('unavailable', { detail: 'Too many wait at the moment; nothing was done.', retryAfter: 1 })
