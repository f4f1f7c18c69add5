import { generateKeyPairSync, sign } from 'node:crypto'
import type { Caller } from '@kit/http/route'
import { tokenVerifier, type TokenVerifier } from '@kit/http/token'
import type { Clock } from '@kit/platform/platform'

/** Whom a test's request comes from. */
export type As = { readonly id: string; readonly roles?: Caller['roles']; readonly session?: string }

const ISSUER = 'https://argosy.test'
const AUDIENCE = 'argosy'
const KEY_ID = 'test'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')

/** Verifies as a running service does, with the test's key. */
export const testVerifier = (clock: Clock): TokenVerifier =>
  tokenVerifier({
    keys: () => Promise.resolve({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'EdDSA' }] }),
    issuer: ISSUER,
    audience: AUDIENCE,
    clock,
  })

/** An access token of 15 minutes, signed with the test's key. */
export const testToken = ({ id, roles = [], session = id }: As, clock: Clock): string => {
  const now = Math.floor(clock.now().getTime() / 1000)
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: KEY_ID }
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: id, sid: session, roles, iat: now, exp: now + 900 }
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
