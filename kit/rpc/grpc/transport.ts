import { Metadata, status } from '@grpc/grpc-js'
import type { Client, ServiceError } from '@grpc/grpc-js'
import { inTurn } from '@kit/addresses/in-turn'
import type { InTurn } from '@kit/addresses/in-turn'
import type { Platform } from '@kit/platform/platform'
import { newTraceparent } from '@kit/telemetry/trace-context'
import { RpcFailed, RpcUnavailable } from '../failure.ts'
import type { Procedure } from '../procedure.ts'
import { nameOf } from '../registry.ts'
import type { Transport, Trip } from '../transport.ts'
import { isCut, openInstance } from './instance.ts'
import type { Instance } from './instance.ts'
import { methodOf } from './wire.ts'

export type GrpcOptions = {
  /**
   * Where the instances of a service listen, by its full name (`argosy.catalog.v1.Catalog`): `grpc://host:port` or, by TLS,
   * `grpcs://…`.
   */
  readonly urlsOf: (service: string) => readonly string[] | undefined
  /** The secret that the fleet shares. */
  readonly token: string
  readonly platform: Platform
}

/** Ms that an instance has to let a call in while there is another that may. */
const DOOR = 500

/**
 * Calls services in other processes, over one connection to each instance, which take turns. Whom an instance does not let in goes to
 * the next; so does a procedure that may be called twice when the connection breaks.
 */
export const overGrpc = ({ urlsOf, token, platform }: GrpcOptions): Transport & Disposable => {
  const opened = new DisposableStack()
  const known = new Map<string, InTurn<Instance>>()
  const instancesAt = (urls: readonly string[]): InTurn<Instance> => {
    const turns = known.get(urls.join()) ?? inTurn(urls.map((url) => opened.use(openInstance(url))))
    known.set(urls.join(), turns)
    return turns
  }
  const transport: Transport = (procedure) => {
    const urls = urlsOf(procedure.service)
    if (urls === undefined) return undefined
    return (request, trip) => askOne(instancesAt(urls), procedure, request, metadataFor(trip, token, platform), trip)
  }
  return Object.assign(transport, { [Symbol.dispose]: () => opened.dispose() })
}

const askOne = async (
  turns: InTurn<Instance>,
  procedure: Procedure,
  request: unknown,
  metadata: Metadata,
  { deadline }: Trip,
): Promise<unknown> => {
  const due = performance.now() + deadline
  const order = [...turns.next()]
  const mayGoOn = goingOn(procedure)
  let failure: Error = new RpcUnavailable(`${nameOf(procedure)}: nobody can be reached`)
  for (const [at, instance] of order.entries()) {
    const left = due - performance.now()
    if (left <= 0) break
    const client = await instance.reach(at === order.length - 1 ? left : Math.min(DOOR, left))
    if (client === 'refused' || client === 'late') {
      turns.refused(instance)
      // A busy one that has said nothing yet is still better than one that has refused.
      if (client === 'late') order.push(instance)
      continue
    }
    turns.answered(instance)
    try {
      return await unary(client, procedure, request, metadata, due - performance.now())
    } catch (error) {
      failure = failureFor(procedure, error as ServiceError)
      if (!mayGoOn(error as ServiceError, client)) break
    }
  }
  throw failure
}

/**
 * Whether another instance may be asked: this one has not heard of the call; or it may have, and that does no harm. The latter once:
 * a call at which instances die is not taken to all of them.
 */
const goingOn = ({ repeatable }: Procedure): ((error: ServiceError, client: Client) => boolean) => {
  let repeats = repeatable === true ? 1 : 0
  return ({ code, details }, client) =>
    code === status.UNAVAILABLE && (NOT_SENT.test(details) || (isCut(client) && repeats-- > 0))
}

/** What grpc-js says of a call that found the connection gone. */
const NOT_SENT = /^(No connection established|Channel closed before call started)/

const metadataFor = ({ traceId }: Trip, token: string, platform: Platform): Metadata => {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${token}`)
  if (traceId !== undefined) metadata.set('traceparent', newTraceparent(traceId, platform))
  return metadata
}

const unary = (
  client: Client,
  procedure: Procedure,
  request: unknown,
  metadata: Metadata,
  deadline: number,
): Promise<unknown> => {
  const { path, requestSerialize, responseDeserialize } = methodOf(procedure)
  return new Promise((resolve, reject) => {
    // grpc-js wants a time of the wall clock. Should that jump, this call alone ends early; late ones are ended by
    // rpcClient.
    // oxlint-disable-next-line no-restricted-properties
    const options = { deadline: Date.now() + deadline }
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      Object(request),
      metadata,
      options,
      (error, answer) => {
        if (error === null) resolve(answer)
        else reject(error)
      },
    )
  })
}

const TRANSIENT: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  status.RESOURCE_EXHAUSTED,
])

const failureFor = (procedure: Procedure, error: ServiceError): Error => {
  const Failure = TRANSIENT.has(error.code) ? RpcUnavailable : RpcFailed
  const hint = error.code === status.UNAUTHENTICATED ? ': RPC_TOKEN must be the same in all processes' : ''
  return new Failure(`${nameOf(procedure)}: ${status[error.code]}${hint}`, { cause: error })
}
