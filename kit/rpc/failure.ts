import { isTransient } from '@kit/postgres/queryable'

/**
 * The other service cannot be reached, is too late or is stopping: the same call may succeed later. Its `code` is one that
 * the shells of HTTP (503) and of messages (retry) know as transient.
 */
export class RpcUnavailable extends Error {
  override readonly name = 'RpcUnavailable'
  readonly code = 'CONNECTION_LOST'
}

/** The other service has answered that it cannot do this. */
export class RpcFailed extends Error {
  override readonly name = 'RpcFailed'
}

/** What a caller in the same process gets of an error of the other service: the same as across processes. */
export const failureOf = (call: string, error: unknown): RpcUnavailable | RpcFailed => {
  if (error instanceof RpcUnavailable || error instanceof RpcFailed) return error
  const Failure = isTransient(error) ? RpcUnavailable : RpcFailed
  return new Failure(`${call} failed`, { cause: error })
}
