import type { Caller } from './route.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `authenticate`. */
    caller: Caller | undefined
    /** The text of the body, where the route's `config.rawBody` asks for it. */
    rawBody: string | undefined
  }
  interface FastifyContextConfig {
    rawBody?: boolean
    /** Answered however many other requests wait: whoever watches over the server asks it. */
    vital?: boolean
  }
  interface FastifyInstance {
    /** Aborted when the server begins to close: streams end, long waits are given up. */
    draining: AbortSignal
  }
}
