import { inTurn } from '@kit/addresses/in-turn'
import type { Clock } from '@kit/platform/platform'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose'
import { Refused } from './refused.ts'
import type { Caller } from './route.ts'

/**
 * Who an access token speaks for, or why it is not accepted. Answers at once, without a promise, for a token seen
 * before. Rejects when the keys cannot be had.
 */
export type TokenVerifier = (
  token: string,
) => Caller | Refusal<'unauthenticated'> | Promise<Caller | Refusal<'unauthenticated'>>

export type VerifierOptions = {
  /** The issuer's public keys (RFC 7517). Asked at the first token and, at most every ten seconds, for an unknown `kid`. */
  readonly keys: () => Promise<JSONWebKeySet>
  readonly issuer: string
  readonly audience: string
  /** The roles that there are: others in a token are passed over. All are taken when absent. */
  readonly roles?: readonly string[]
  readonly clock: Clock
  /** Tokens remembered; the oldest goes first. */
  readonly remember?: number
}

/**
 * Verifies JWT access tokens (RFC 9068: `typ: at+jwt`), signed with EdDSA and nothing else (RFC 8725, section 3.1).
 * Claims: `sub` the account, `roles`, `sid` the session, `exp`. A refresh token has another `typ` and is refused.
 */
export const tokenVerifier = (options: VerifierOptions): TokenVerifier => {
  const { issuer, audience, clock, remember = 20_000 } = options
  const seen = new Map<string, { readonly caller: Caller; readonly expires: number }>()
  const key = keyFinder(options)

  const verify = async (token: string): Promise<Caller | Refusal<'unauthenticated'>> => {
    try {
      const checks = { algorithms: ['EdDSA'], typ: 'at+jwt', issuer, audience, currentDate: clock.now() }
      const { payload } = await jwtVerify(token, key, { ...checks, requiredClaims: ['exp', 'sub', 'sid'] })
      const caller = callerOf(payload, options.roles)
      if (seen.size >= remember) seen.delete(seen.keys().next().value ?? '')
      seen.set(token, { caller, expires: (payload.exp ?? 0) * 1000 })
      return caller
    } catch (error) {
      return refusalOf(error)
    }
  }

  return (token) => {
    const known = seen.get(token)
    if (known === undefined) return verify(token)
    if (known.expires > clock.now().getTime()) return known.caller
    seen.delete(token)
    return expired
  }
}

/**
 * A key set as served at `/.well-known/jwks.json` by each of these addresses. Rejects with the refusal `unavailable` when none
 * of them gives it.
 */
export const keysAt = (urls: readonly string[]): (() => Promise<JSONWebKeySet>) => {
  const servers = inTurn(urls)
  return async () => {
    let cause: unknown
    for (const url of servers.next()) {
      try {
        const keys = await keysFrom(url)
        servers.answered(url)
        return keys
      } catch (error) {
        servers.refused(url)
        cause = error
      }
    }
    // The caller's token may be as good as any: it is the platform that cannot tell.
    throw new Refused(refuse('unavailable', { detail: 'Nobody can be recognised just now.', retryAfter: 1 }), { cause })
  }
}

const keysFrom = async (url: string): Promise<JSONWebKeySet> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(KEYS_WITHIN) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as JSONWebKeySet
}

/** Ms that one server has. A caller waits for 30 s at most, and there may be several. */
const KEYS_WITHIN = 5_000

const keyFinder = ({ keys, clock }: VerifierOptions): JWTVerifyGetKey => {
  let current: Promise<JWTVerifyGetKey> | undefined
  let askedAt = 0
  const ask = (): Promise<JWTVerifyGetKey> => {
    askedAt = clock.now().getTime()
    current = keys().then(createLocalJWKSet)
    current.catch(() => (current = undefined))
    return current
  }
  return async (header, token) => {
    const known = await (current ?? ask())
    try {
      return await known(header, token)
    } catch (error) {
      // Either way: after a clock that was ahead is set back, new keys must not stay unknown for as long.
      const passed = Math.abs(clock.now().getTime() - askedAt)
      const rotated = error instanceof errors.JWKSNoMatchingKey && passed > 10_000
      if (!rotated) throw error
      return (await ask())(header, token)
    }
  }
}

const callerOf = ({ sub, sid, roles }: JWTPayload, known: readonly string[] | undefined): Caller => ({
  id: String(sub),
  session: String(sid),
  roles: Array.isArray(roles)
    ? roles.filter((role) => typeof role === 'string' && (known?.includes(role) ?? true))
    : [],
})

const expired = refuse('unauthenticated', { detail: 'The access token has expired.' })

/** What jose throws is the token's fault; anything else is ours. */
const refusalOf = (error: unknown): Refusal<'unauthenticated'> => {
  if (error instanceof errors.JWTExpired) return expired
  if (error instanceof errors.JOSEError) return refuse('unauthenticated', { detail: 'The access token is not valid.' })
  throw error
}
