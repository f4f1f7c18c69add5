import { FAULT, isTransient } from '@kit/fault/fault'

/** The other service cannot be reached, is too late or is stopping: the same call may succeed later. */
export class RpcUnavailable extends Error {
  override readonly name = 'RpcUnavailable'
  readonly [FAULT] = 'transient'
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
