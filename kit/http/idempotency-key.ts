import { createHash } from 'node:crypto'

/**
 * The key in an Idempotency-Key header: a structured-field string (`"a1"`) as the IETF draft wants, or the bare token that most
 * clients send. Undefined when absent. What form it may have is for the endpoint's schema to say.
 */
export function idempotencyKey(header: string): string
export function idempotencyKey(header: string | undefined): string | undefined
export function idempotencyKey(header: string | undefined): string | undefined {
  return header?.replace(/^"/, '').replace(/"$/, '')
}

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
