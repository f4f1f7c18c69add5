import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Audience } from './endpoint.ts'
import { answerProblem } from './problem-answer.ts'
import type { Caller } from './route.ts'
import type { TokenVerifier } from './token.ts'

/** Before the body is read: finds out who calls and whether the audience includes them. */
export const authenticate =
  (audience: Audience, verifier: TokenVerifier): onRequestHookHandler =>
  (request, reply, done) => {
    const admit = (who: Caller | Refusal): void => {
      const refusal = objectionTo(who, audience)
      if (refusal !== undefined) return turnAway(request, reply, refusal)
      request.caller = isRefusal(who) ? undefined : who
      done()
    }
    const token = bearerToken(request.headers.authorization)
    if (token === undefined) return admit(refuse('unauthenticated', { detail: 'Send an access token as a Bearer.' }))
    const who = verifier(token)
    if (who instanceof Promise) who.then(admit, done)
    else admit(who)
  }

/** RFC 6750, section 2.1. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined

const objectionTo = (who: Caller | Refusal, audience: Audience): Refusal | undefined => {
  // Where anyone may call, a stale token does no harm: the caller is merely nobody in particular.
  if (audience === 'anyone') return undefined
  if (isRefusal(who)) return who
  if (audience === 'account' || audience.some((role) => who.roles.includes(role))) return undefined
  return refuse('forbidden', { detail: `This is for the roles ${audience.join(', ')}.` })
}

const turnAway = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void => {
  if (refusal.refused === 'unauthenticated') {
    const sent = request.headers.authorization !== undefined
    reply.header('www-authenticate', sent ? 'Bearer realm="argosy", error="invalid_token"' : 'Bearer realm="argosy"')
  }
  answerProblem(request, reply, refusal)
}
