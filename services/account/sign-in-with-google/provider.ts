import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@kit/platform/platform'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { emailKept } from '../domain/email.ts'
import type { Person } from './decide.ts'
import { discover, redeem } from './endpoints.ts'
import type { Endpoints, ProviderSettings } from './endpoints.ts'

/** What the browser keeps between going and coming back, so that nobody else's return is taken for its own. */
export type Attempt = { readonly state: string; readonly nonce: string; readonly verifier: string }
type Return = { readonly code?: string; readonly state?: string; readonly iss?: string; readonly error?: string }

/** An OpenID provider, by the authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636, RFC 9700). */
export type Provider = {
  readonly begin: () => Promise<{ readonly location: string; readonly attempt: Attempt } | Refusal<'unavailable'>>
  /** Who came back. Every token's signature, issuer, audience, time and nonce are checked. */
  readonly finish: (
    returned: Return,
    attempt: Attempt | undefined,
  ) => Promise<Person | Refusal<'provider-refused' | 'unavailable'>>
}

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']

export const openProvider = (settings: ProviderSettings, clock: Clock): Provider => {
  const { issuer, clientId } = settings
  let found: Promise<Endpoints> | undefined
  const endpoints = (): Promise<Endpoints> => {
    found ??= discover(issuer)
    found.catch(() => (found = undefined))
    return found
  }
  let keys: { readonly at: string; readonly set: ReturnType<typeof createRemoteJWKSet> } | undefined
  const keysAt = (url: string) => {
    if (keys?.at !== url) keys = { at: url, set: createRemoteJWKSet(new URL(url), { [customFetch]: fetchKeys }) }
    return keys.set
  }

  const claimsOf = async (idToken: string, jwks_uri: string): Promise<JWTPayload> => {
    const checks = { issuer, audience: clientId, algorithms: ALGORITHMS, currentDate: clock.now(), clockTolerance: 30 }
    const { payload } = await jwtVerify(idToken, keysAt(jwks_uri), { ...checks, requiredClaims: ['exp', 'iat', 'sub'] })
    return payload
  }

  return {
    begin: async () => {
      const at = await reachable(endpoints())
      if (at === undefined) return unavailable
      const attempt = { state: random(), nonce: random(), verifier: random() }
      const location = new URL(at.authorization_endpoint)
      location.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: settings.redirectUrl,
        scope: 'openid email profile',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: digest(attempt.verifier).toString('base64url'),
        code_challenge_method: 'S256',
      }).toString()
      return { location: location.href, attempt }
    },
    finish: async ({ code, state, iss, error }, attempt) => {
      if (attempt === undefined || state === undefined || !same(state, attempt.state))
        return refused('This sign-in was not begun in this browser, or too long ago. Begin again.')
      if (iss !== undefined && iss !== issuer) return refused('The answer comes from another provider.')
      if (error !== undefined || code === undefined) return refused('The provider did not sign you in.')
      const at = await reachable(endpoints())
      const idToken = at && (await reachable(redeem(at.token_endpoint, settings, code, attempt.verifier)))
      if (at === undefined || idToken === undefined) return unavailable
      if (idToken === 'refused') return refused('The provider did not accept its own code.')
      try {
        const claims = await claimsOf(idToken, at.jwks_uri)
        const mine = claims['azp'] === undefined || claims['azp'] === clientId
        if (!mine || typeof claims['nonce'] !== 'string' || !same(claims['nonce'], attempt.nonce)) throw new Foreign()
        return personOf(issuer, claims)
      } catch (failure) {
        if (failure instanceof errors.JWKSTimeout) return unavailable
        if (!(failure instanceof errors.JOSEError) && !(failure instanceof Foreign)) throw failure
        return refused('The identity token is not valid.')
      }
    },
  }
}

/** Keys that cannot be fetched count as late, whatever the reason. */
const fetchKeys = (url: string, options: RequestInit): Promise<Response> =>
  fetch(url, options).catch((cause: unknown) => {
    throw new errors.JWKSTimeout('the keys cannot be fetched', { cause })
  })

/** A token of another client, or of another attempt. */
class Foreign extends Error {}

const personOf = (issuer: string, claims: JWTPayload): Person => ({
  issuer,
  subject: String(claims.sub),
  email: typeof claims['email'] === 'string' ? emailKept(claims['email']) : undefined,
  emailVerified: claims['email_verified'] === true,
  firstName: textOf(claims['given_name'] ?? claims['name']),
  lastName: textOf(claims['family_name']),
})

const textOf = (claim: unknown): string =>
  typeof claim === 'string'
    ? claim
        .replaceAll(/[\p{Cc}\p{Cs}]/gu, '')
        .trim()
        .slice(0, 100)
    : ''

const random = (): string => randomBytes(32).toString('base64url')

const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What could not be fetched is absent: that is the provider's fault, and passes. */
const reachable = <T>(fetched: Promise<T>): Promise<T | undefined> => fetched.catch(() => undefined)

const unavailable = refuse('unavailable', { detail: 'The sign-in provider does not answer.', retryAfter: 10 })
const refused = (detail: string) => refuse('provider-refused', { detail })
