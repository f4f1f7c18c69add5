import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import type { ServiceError } from '@grpc/grpc-js'
import type { Platform } from '@kit/platform/platform'
import { newTraceparent } from '@kit/telemetry/trace-context'
import { RpcFailed, RpcUnavailable } from '../failure.ts'
import type { Procedure } from '../procedure.ts'
import { nameOf } from '../registry.ts'
import type { Transport, Trip } from '../transport.ts'
import { methodOf } from './wire.ts'

export type GrpcOptions = {
  /**
   * Where a service listens, by its full name (`argosy.catalog.v1.Catalog`): `grpc://host:port` or, by TLS,
   * `grpcs://…`.
   */
  readonly urlOf: (service: string) => string | undefined
  /** The secret that the fleet shares. */
  readonly token: string
  readonly platform: Platform
}

/** Calls services in other processes, over one connection to each. */
export const overGrpc = ({ urlOf, token, platform }: GrpcOptions): Transport & Disposable => {
  const clients = new Map<string, Client>()
  const clientTo = (url: string): Client => {
    const known = clients.get(url)
    if (known !== undefined) return known
    const client = connect(url)
    clients.set(url, client)
    return client
  }
  const transport: Transport = (procedure) => {
    const url = urlOf(procedure.service)
    if (url === undefined) return undefined
    return (request, trip) => unary(clientTo(url), procedure, request, metadataFor(trip, token, platform), trip)
  }
  const close = (): void => {
    for (const client of clients.values()) client.close()
  }
  return Object.assign(transport, { [Symbol.dispose]: close })
}

const connect = (url: string): Client => {
  const { protocol, host } = new URL(url)
  if (protocol !== 'grpc:' && protocol !== 'grpcs:')
    throw new Error(`${url} is no address of a service: write grpc://host:port`)
  return new Client(host, protocol === 'grpcs:' ? credentials.createSsl() : credentials.createInsecure(), {
    // The default grows to two minutes, in which a restarted service would stay unreachable.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 5_000,
  })
}

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
  { deadline }: Trip,
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
        else reject(failureFor(procedure, error))
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
