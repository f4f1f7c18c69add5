import { status } from '@grpc/grpc-js'
import type { sendUnaryData, Server, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { serviceIn } from './wire.ts'

type Question = { readonly service: string }
type Answer = { readonly status: number }

/** `HealthCheckResponse.ServingStatus`. */
const SERVING = 1
const NOT_SERVING = 2
const SERVICE_UNKNOWN = 3

/** Serves `grpc.health.v1` for the services named. Returns what says that the server is about to stop. */
export const serveHealth = (server: Server, services: readonly string[]): (() => void) => {
  let stopping = false
  const watchers = new Set<ServerWritableStream<Question, Answer>>()
  const statusOf = (service: string): number => {
    if (service !== '' && !services.includes(service)) return SERVICE_UNKNOWN
    return stopping ? NOT_SERVING : SERVING
  }
  server.addService(serviceIn(new URL('health.proto', import.meta.url), 'grpc.health.v1.Health'), {
    Check: ({ request }: ServerUnaryCall<Question, Answer>, answer: sendUnaryData<Answer>) => {
      const found = statusOf(request.service)
      if (found === SERVICE_UNKNOWN) answer({ code: status.NOT_FOUND, details: `no service ${request.service} here` })
      else answer(null, { status: found })
    },
    Watch: (call: ServerWritableStream<Question, Answer>) => {
      watchers.add(call)
      call.on('close', () => watchers.delete(call))
      call.on('cancelled', () => watchers.delete(call))
      call.write({ status: statusOf(call.request.service) })
    },
  })
  return () => {
    stopping = true
    for (const watcher of watchers) {
      watcher.write({ status: statusOf(watcher.request.service) })
      watcher.end()
    }
  }
}
