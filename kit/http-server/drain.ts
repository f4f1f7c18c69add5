import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { whenNobodyWaits } from './last-callers.ts'

/** What requests under way get at most, in ms; and those who have begun to send one and do not go on. */
const GRACE = 3_000

/** Whoever has not said a word so many ms after connecting has nothing to ask. */
const FIRST_WORD = 500

/**
 * Makes `app.close()` quick and gentle. Fastify closes connections that are idle when close begins; one that was busy
 * then stays open for its whole keep-alive of 72 s (fastify #7044). So idle ones are closed again and again until done;
 * and who has not said a word yet, as browsers connect in advance, counts as busy to Node and not to us.
 */
export const drainOnClose = (app: FastifyInstance): void => {
  const draining = new AbortController()
  /** When each has connected. */
  const sockets = new Map<Socket, number>()
  let sweep: NodeJS.Timeout | undefined
  let impatience: NodeJS.Timeout | undefined
  app.server.on('connection', (socket: Socket) => {
    sockets.set(socket, performance.now())
    socket.once('close', () => sockets.delete(socket))
  })
  const closeIdle = (): void => {
    const early = performance.now() - FIRST_WORD
    for (const [socket, since] of sockets) if (socket.bytesRead === 0 && since < early) socket.destroy()
    app.server.closeIdleConnections()
  }
  app.decorate('draining', draining.signal)
  app.addHook('preClose', (done) => {
    draining.abort()
    closeIdle()
    sweep = setInterval(closeIdle, 50)
    impatience = setTimeout(() => app.server.closeAllConnections(), GRACE)
    // At that very moment; Fastify closes it again, half a millisecond later.
    whenNobodyWaits(app.server, () => {
      app.server.close()
      done()
    })
  })
  app.addHook('onClose', (_app, done) => {
    clearInterval(sweep)
    clearTimeout(impatience)
    done()
  })
}
