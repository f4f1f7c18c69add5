import { createHash, timingSafeEqual } from 'node:crypto'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import type { handleUnaryCall, Metadata, ServiceDefinition } from '@grpc/grpc-js'
import { isTransient } from '@kit/fault/fault'
import type { Logger } from '@kit/telemetry/telemetry'
import { traceIdOf, withTrace } from '@kit/telemetry/trace-context'
import type { Procedure } from '../procedure.ts'
import { nameOf } from '../registry.ts'
import type { Registry } from '../registry.ts'
import { serveHealth } from './health.ts'
import { methodOf, serviceIn } from './wire.ts'

export type GrpcServerOptions = {
  readonly registry: Registry
  /** The secret that the fleet shares; a call without it is turned away. */
  readonly token: string
  readonly host: string
  /** 0 for any. */
  readonly port: number
  readonly log: Logger
}

export type GrpcServer = AsyncDisposable & { readonly url: string }

/** What calls that are under way get at most when the server stops, in milliseconds. */
const GRACE = 2_000

/**
 * Serves what the registry has, and `grpc.health.v1`. Disposing lets calls under way end. Rejects when the port is taken or
 * a `.proto` file lacks a procedure.
 */
export const serveGrpc = async ({ registry, token, host, port, log }: GrpcServerOptions): Promise<GrpcServer> => {
  const server = new Server()
  const byService = Map.groupBy(registry.procedures(), ({ service }) => service)
  for (const [service, procedures] of byService) {
    const handlers = procedures.map((procedure) => [procedure.method, unary(procedure, registry, token, log)] as const)
    server.addService(definitionOf(service, procedures), Object.fromEntries(handlers))
  }
  const announceStop = serveHealth(server, [...byService.keys()])
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      announceStop()
      const impatience = setTimeout(() => server.forceShutdown(), GRACE)
      server.tryShutdown(() => {
        clearTimeout(impatience)
        resolve()
      })
    })
  return { url: `grpc://${host}:${bound}`, [Symbol.asyncDispose]: stop }
}

const definitionOf = (service: string, procedures: readonly Procedure[]): ServiceDefinition => {
  for (const procedure of procedures) methodOf(procedure)
  const [first] = procedures
  if (first === undefined) throw new Error(`${service} has no procedures`)
  return serviceIn(first.proto, service)
}

const unary = (
  procedure: Procedure,
  registry: Registry,
  token: string,
  log: Logger,
): handleUnaryCall<unknown, unknown> => {
  const secret = digest(`Bearer ${token}`)
  const admits = (metadata: Metadata): boolean =>
    timingSafeEqual(digest(String(metadata.get('authorization')[0] ?? '')), secret)
  return ({ request, metadata }, answer) => {
    const handle = registry.handlerOf(procedure)
    if (handle === undefined) return answer({ code: status.UNIMPLEMENTED })
    if (!admits(metadata)) return answer({ code: status.UNAUTHENTICATED, details: 'the token of the fleet is missing' })
    const traceId = traceIdOf(metadata.get('traceparent').map(String)[0])
    withTrace(traceId === undefined ? {} : { trace_id: traceId }, () => handle(request)).then(
      (value) => answer(null, value),
      (error: unknown) => {
        log.warn({ procedure: nameOf(procedure), error }, 'a call from another service failed')
        // Never the error's own text: that may hold SQL or data.
        answer({
          code: isTransient(error) ? status.UNAVAILABLE : status.INTERNAL,
          details: 'see the log of the service',
        })
      },
    )
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
