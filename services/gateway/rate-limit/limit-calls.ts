import { bearerToken } from '@kit/http/authentication'
import { answerProblem } from '@kit/http/problem-answer'
import type { TokenVerifier } from '@kit/http/token'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Limit, RateLimiter, Verdict } from './limiter.ts'

/** Turns away a client that calls more often than `limit`, and tells every other how much is left. */
export const limitCalls = (limit: Limit, limiter: RateLimiter, verifier: TokenVerifier): onRequestHookHandler => {
  // draft-ietf-httpapi-ratelimit-headers-10
  const policy = `"${limit.name}";q=${limit.quota};w=${limit.window}`
  return (request, reply, done) => {
    const judge = (verdict: Verdict): void => {
      const { allowed, remaining, full } = verdict
      reply.header('ratelimit-policy', policy)
      reply.header('ratelimit', `"${limit.name}";r=${remaining};t=${Math.ceil(full)}`)
      if (allowed) done()
      else turnAway(request, reply, limit, verdict)
    }
    const verdict = limiter.take(clientOf(request, limit, verifier), limit)
    // A counter that cannot be reached must not close the shop.
    const pass = (): void => done()
    if (verdict instanceof Promise) verdict.then(judge, pass)
    else judge(verdict)
  }
}

const turnAway = (request: FastifyRequest, reply: FastifyReply, limit: Limit, { retry }: Verdict): void => {
  const seconds = Math.max(1, Math.ceil(retry))
  const detail = `${limit.quota} calls per ${limit.window} s are allowed; try again in ${seconds} s.`
  answerProblem(request, reply, refuse('rate-limited', { detail, retryAfter: seconds }))
}

/**
 * Whoever is known to be signed in counts for themselves, wherever they call from; all others by network address. An
 * unproven token counts for nothing, or guessing tokens would be a way around. Sign-ins always count by address.
 */
const clientOf = (request: FastifyRequest, limit: Limit, verifier: TokenVerifier): string => {
  const token = limit.name === 'sign-in' ? undefined : bearerToken(request.headers.authorization)
  const who = token === undefined ? undefined : verifier(token)
  if (who instanceof Promise) {
    // The verification is for the route to await and to judge.
    who.catch(() => undefined)
    return networkOf(request.ip)
  }
  return who === undefined || isRefusal(who) ? networkOf(request.ip) : `account ${who.id}`
}

/** One IPv6 customer has a whole /64. */
const networkOf = (ip: string): string => {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip
  const [head = ''] = ip.split('::', 1)
  const groups = ip.includes('::') ? [...head.split(':'), '0', '0', '0', '0'] : ip.split(':')
  return groups.slice(0, 4).join(':')
}
