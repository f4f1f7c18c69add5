import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** The fleet's own key, so that a token can be wrong in one thing only. */
const ownKey = generateKeyPairSync('ed25519').privateKey
/** As JWT_PRIVATE_KEY wants it. */
export const ownJwk = (): string => JSON.stringify({ ...ownKey.export({ format: 'jwk' }) })

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const read = (token: string, n: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[n] ?? '', 'base64url').toString())

const signed = (header: object, claims: object, key: KeyObject = ownKey): string => {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

/** Authorization headers that prove nothing, made from a token that does; undefined: none. */
export const badAuthorizations = (good: {
  readonly token: string
  readonly refresh: string
}): Readonly<Record<string, string | undefined>> => {
  const header = read(good.token, 0)
  const claims = read(good.token, 1)
  const { exp: _exp, ...eternal } = claims
  const { sid: _sid, ...homeless } = claims
  const now = Math.floor(Date.now() / 1000)
  const text = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`
  const pem = createPublicKey(createPrivateKey(ownKey.export({ format: 'pem', type: 'pkcs8' }))).export({
    format: 'pem',
    type: 'spki',
  })
  const [head, , signature] = good.token.split('.')
  const tokens = {
    'not a token': 'abc',
    'three empty parts': '..',
    expired: signed(header, { ...claims, iat: now - 3_600, exp: now - 60 }),
    'without an end': signed(header, eternal),
    'not valid yet': signed(header, { ...claims, nbf: now + 3_600 }),
    'for another audience': signed(header, { ...claims, aud: 'elsewhere' }),
    'of another issuer': signed(header, { ...claims, iss: 'elsewhere' }),
    'of another type': signed({ ...header, typ: 'JWT' }, claims),
    'without a session': signed(header, homeless),
    'signed with another key': signed(header, claims, generateKeyPairSync('ed25519').privateKey),
    'signed with another key that it brings along': signed(
      { ...header, jwk: createPublicKey(generateKeyPairSync('ed25519').privateKey).export({ format: 'jwk' }) },
      claims,
      generateKeyPairSync('ed25519').privateKey,
    ),
    'of an unknown key': signed({ ...header, kid: '../../etc/passwd' }, claims),
    'alg: none': `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
    'alg: none, signed': `${part({ ...header, alg: 'none' })}.${part(claims)}.${signature}`,
    'HMAC with the public key': `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`,
    'claims changed after signing': `${head}.${part({ ...claims, roles: ['admin'] })}.${signature}`,
    'a refresh token': good.refresh,
    'very long': 'a'.repeat(6_000),
  }
  return {
    none: undefined,
    'an empty Bearer': 'Bearer ',
    Basic: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
    ...Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, `Bearer ${token}`])),
  }
}

/** A token that is good in all things: that the ones above are refused for the reason they name. */
export const resigned = (token: string): string => signed(read(token, 0), read(token, 1))
