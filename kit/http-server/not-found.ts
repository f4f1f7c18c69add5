import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance } from 'fastify'
import { answerProblem } from '@kit/http/problem-answer'

/** Answers what no route takes: 405 with `allow` where another method would do, else 404. */
export const answerNotFound = (app: FastifyInstance): void => {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    // CORS answers OPTIONS everywhere: that alone makes no address.
    if (url === '*') return
    const entry = known.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() }
    for (const each of [method].flat()) entry.methods.add(each)
    known.set(url, entry)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = [...known.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods])
    if (allowed.length === 0) return answerProblem(request, reply, refuse('not-found'))
    const allow = [...new Set(allowed)].toSorted().join(', ')
    reply.header('allow', allow)
    return answerProblem(request, reply, refuse('method-not-allowed', { detail: `This address takes ${allow}.` }))
  })
}

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/:[^/]+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  )
