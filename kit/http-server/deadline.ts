import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyReply } from 'fastify'
import '@kit/http/decorations'
import { close } from '@kit/http/incoming-request'
import { answerProblem } from '@kit/http/problem-answer'

type Bounds = {
  /** Milliseconds that a route has until its answer begins. */
  readonly limit: number
  /** Requests that may wait for their answer at once. */
  readonly most: number
}

/**
 * Bounds the requests that wait for their answer, in time and in number. One that has waited for `limit` ms is answered
 * `timeout`; first its work is told that nobody waits any more, so that nothing is begun of which the caller has been told that
 * it failed. One that comes while `most` wait is answered `unavailable`, unless its route is `vital`. One sweep for all requests:
 * a timer and an AbortController per request (Fastify's `handlerTimeout`) would also cut event streams off.
 */
export const addDeadline = (app: FastifyInstance, { limit, most }: Bounds): void => {
  // In order of arrival, so the first that is not due ends the sweep.
  const waiting = new Map<FastifyReply, number>()
  app.addHook('onRoute', (route) => {
    const vital = route.config?.vital === true
    const begin: typeof route.onRequest = (request, reply, done) => {
      if (waiting.size >= most && !vital) return void answerProblem(request, reply, crowded)
      waiting.set(reply, performance.now() + limit)
      // A client that goes away gets no answer.
      reply.raw.once('close', () => waiting.delete(reply))
      done()
    }
    const end: typeof route.onSend = (_request, reply, payload, done) => {
      waiting.delete(reply)
      done(null, payload)
    }
    route.onRequest = [begin, ...[route.onRequest ?? []].flat()]
    route.onSend = [...[route.onSend ?? []].flat(), end]
  })
  const sweep = setInterval(
    () => {
      const now = performance.now()
      for (const [reply, due] of waiting) {
        if (due > now) break
        waiting.delete(reply)
        close(reply)
        answerProblem(reply.request, reply, late)
      }
    },
    Math.min(500, limit),
  )
  sweep.unref()
  app.addHook('onClose', (_app, done) => {
    clearInterval(sweep)
    done()
  })
}

const late = refuse('timeout', { detail: 'Nothing is known of the outcome; look before you repeat it.' })
const crowded = refuse('unavailable', {
  detail: 'Too many requests wait at the moment; nothing was done.',
  retryAfter: 1,
})
