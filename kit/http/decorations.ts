import type { Caller } from './route.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `authenticate`. */
    caller: Caller | undefined
  }
  interface FastifyInstance {
    /** Aborted when the server begins to close: streams end, long waits are given up. */
    draining: AbortSignal
  }
}
