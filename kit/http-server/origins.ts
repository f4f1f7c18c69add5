import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

/**
 * Lets pages of these origins call, however they are written: a slash at the end, capitals and the scheme's own port make no
 * difference. Throws for one that is no URL. Tokens travel in a header, so no cookies are involved and none are allowed.
 */
export const allowOrigins = (app: FastifyInstance, origins: readonly string[]): void => {
  if (origins.length === 0) return
  app.register(cors, {
    // As browsers send it (RFC 6454, section 6.2), for it is compared letter by letter.
    origin: origins.map((origin) => new URL(origin).origin),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['etag', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'],
    maxAge: 600,
  })
}
