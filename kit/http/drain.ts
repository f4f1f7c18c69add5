import type { FastifyInstance } from 'fastify'
import { whenNobodyWaits } from './last-callers.ts'

/**
 * Makes `app.close()` quick and gentle. Fastify closes connections that are idle when close begins; one that was busy
 * then stays open for its whole keep-alive of 72 s (fastify #7044). So idle ones are closed again and again until done.
 */
export const drainOnClose = (app: FastifyInstance): void => {
  const draining = new AbortController()
  let sweep: NodeJS.Timeout | undefined
  app.decorate('draining', draining.signal)
  app.addHook('preClose', (done) => {
    draining.abort()
    sweep = setInterval(() => app.server.closeIdleConnections(), 50)
    // At that very moment; Fastify closes it again, half a millisecond later.
    whenNobodyWaits(app.server, () => {
      app.server.close()
      done()
    })
  })
  app.addHook('onClose', (_app, done) => {
    clearInterval(sweep)
    done()
  })
}
