import { findErrorBy, type GenericError } from '@platformatic/kafka'

/** Something about the brokers or their topics that a person must change; `fix` says what. */
export class Misfit extends Error {
  override readonly name = 'Misfit'
  readonly fix: string
  constructor(message: string, fix: string, cause?: unknown) {
    super(message, { cause })
    this.fix = fix
  }
}

/** Whether the error, or one within it, is this one of Kafka's protocol: `TOPIC_ALREADY_EXISTS`. */
export const isApiError = (error: unknown, apiId: string): boolean =>
  error instanceof Error && findErrorBy(error as GenericError, 'apiId', apiId) !== null

/** The innermost reason, in one line: the client wraps it several times. */
export const reasonIn = (error: unknown): string => {
  let inner = error
  for (let depth = 0; depth < 8; depth++) {
    if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors.at(-1)
    else if (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
    else break
  }
  if (!(inner instanceof Error)) return String(inner)
  const apiId: unknown = Object(inner).apiId
  return typeof apiId === 'string' ? apiId : inner.message || inner.name
}
