import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { answerProblem } from './problem-answer.ts'

/**
 * Answers `timeout` for a route that has not begun its answer after `limit` milliseconds. One sweep for all requests:
 * a timer and an AbortController per request (Fastify's `handlerTimeout`) would also cut event streams off.
 */
export const addDeadline = (app: FastifyInstance, limit: number): void => {
  // In order of arrival, so the first that is not due ends the sweep.
  const waiting = new Map<FastifyReply, number>()
  app.addHook('onRoute', (route) => {
    const begin: typeof route.onRequest = (_request, reply, done) => {
      waiting.set(reply, performance.now() + limit)
      done()
    }
    const end: typeof route.onResponse = (_request, reply, done) => {
      waiting.delete(reply)
      done()
    }
    route.onRequest = [begin, ...[route.onRequest ?? []].flat()]
    route.onResponse = [...[route.onResponse ?? []].flat(), end]
  })
  const sweep = setInterval(
    () => {
      const now = performance.now()
      for (const [reply, due] of waiting) {
        if (due > now) break
        waiting.delete(reply)
        answerProblem(
          reply.request,
          reply,
          refuse('timeout', { detail: 'Nothing is known of the outcome; look before you repeat it.' }),
        )
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
