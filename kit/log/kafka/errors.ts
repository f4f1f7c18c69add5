import { findErrorBy, type GenericError } from '@platformatic/kafka'
import type { TopicPartition } from '../log.ts'

/** Something about the brokers or their topics that a person must change; `fix` says what. */
export class Misfit extends Error {
  override readonly name = 'Misfit'
  readonly fix: string
  constructor(message: string, fix: string, cause?: unknown) {
    super(message, { cause })
    this.fix = fix
  }
}

/** A message that the brokers do not take, and where it would have to go. */
export class TooLarge extends Misfit {
  readonly place: TopicPartition
  constructor(place: TopicPartition, message: string, fix: string, cause: unknown) {
    super(message, fix, cause)
    this.place = place
  }
}

/** Whether the error, or one within it, is this one of Kafka's protocol: `TOPIC_ALREADY_EXISTS`. */
export const isApiError = (error: unknown, apiId: string): boolean =>
  error instanceof Error && findErrorBy(error as GenericError, 'apiId', apiId) !== null

/** The client wraps a reason several times; a Misfit has said it already. */
export const innermost = (error: unknown): unknown => {
  let inner = error
  for (let depth = 0; depth < 8 && !(inner instanceof Misfit); depth++) {
    if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors.at(-1)
    else if (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
    else break
  }
  return inner
}

/** What some of Kafka's errors mean to whoever reads of them in `/readyz`. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['TOPIC_AUTHORIZATION_FAILED', 'the user of LOG_URL lacks a right to a topic; docs/guide/kafka.md lists them'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'the user of LOG_URL lacks a right to a topic; docs/guide/kafka.md lists them'],
])

/** The innermost reason, in one line. */
export const reasonIn = (error: unknown): string => {
  const inner = innermost(error)
  if (inner instanceof Misfit) return `${inner.message}. Fix: ${inner.fix}`
  if (!(inner instanceof Error)) return String(inner)
  const apiId: unknown = Object(inner).apiId
  if (typeof apiId === 'string') return MEANINGS.get(apiId) ?? apiId
  return (inner.message || inner.name).replace(/\.$/, '')
}

/** The same for whoever may ask whether we are ready: without hosts. */
export const publicReasonIn = (error: unknown): string => {
  if (Object(innermost(error)).code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate of a broker is one for other hosts'
  return reasonIn(error)
    .replaceAll(/\b(ENOTFOUND|EAI_AGAIN) \S+/g, '$1 a broker')
    .replaceAll(/(\[[0-9a-f:]+\]|[\w.-]+):\d{2,5}\b/gi, 'a broker')
}
