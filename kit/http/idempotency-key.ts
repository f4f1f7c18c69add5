import { createHash } from 'node:crypto'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'

/**
 * The Idempotency-Key of a request: a structured-field string (`"a1"`) as the IETF draft wants, or the bare token that
 * most clients send. Undefined when absent; 1 to 128 visible ASCII characters.
 */
export const idempotencyKey = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined | Refusal<'invalid-request'> => {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const key = typeof header === 'string' ? (/^"?([!#-~]{1,128}?)"?$/.exec(header.trim())?.[1] ?? '') : ''
  if (key !== '' && !key.includes(',')) return key
  const detail = 'must be one key of 1 to 128 visible ASCII characters'
  return refuse('invalid-request', {
    detail: `Idempotency-Key ${detail}.`,
    errors: [{ pointer: 'header: Idempotency-Key', detail }],
  })
}

/** For operations whose repeats must be told from a second request. */
export const idempotencyKeyMissing = refuse('invalid-request', {
  detail: 'An Idempotency-Key is required: repeats with the same key are one request.',
  errors: [{ pointer: 'header: Idempotency-Key', detail: 'is required' }],
})

/** The id that follows from a key: the same parts (what is asked for, the caller, the key) give the same id (UUIDv8, RFC 9562 5.8). */
export const idFromKey = (...parts: readonly string[]): string => {
  const digest = createHash('sha256').update(parts.join(' ')).digest('hex')
  const [a, b, c, d, e] = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(13, 16),
    digest.slice(17, 20),
    digest.slice(20, 32),
  ]
  return `${a}-${b}-8${c}-8${d}-${e}`
}
