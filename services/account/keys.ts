import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { JWK } from 'jose'

const selectSigningKey = sql<{ jwk: JWK }>(import.meta.url, 'select-signing-key.sql')
const insertSigningKey = sql(import.meta.url, 'insert-signing-key.sql')

export const ALGORITHM = 'EdDSA'

type PublicKey = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}
export type SigningKeys = {
  readonly private: Awaited<ReturnType<typeof importJWK>>
  /** The `kid` of the private key. */
  readonly kid: string
  /** That key's public half first, then keys whose tokens may still be about. */
  readonly published: readonly PublicKey[]
}

/**
 * The keys of access tokens: the configured ones (a JWK or a JWK set; the first signs), else one that is made once and kept
 * in the database. Throws when the configured text is no Ed25519 private key.
 */
export const loadKeys = async (configured: string | undefined, db: Queryable): Promise<SigningKeys> => {
  const given = configured === undefined ? [] : parseKeys(configured)
  const kept = given.length > 0 ? await db.query(selectSigningKey) : await keep(db)
  const jwks = [...given, ...kept.map(({ jwk }) => jwk)]
  const [first] = jwks
  if (first === undefined) throw new Error('there is no key to sign access tokens with')
  const published = await Promise.all(jwks.map(publicHalf))
  return { private: await importJWK(first, ALGORITHM), kid: published[0]?.kid ?? '', published }
}

/** Safe for two starters: the first insert stays, and both read it. */
const keep = async (db: Queryable): Promise<readonly { readonly jwk: JWK }[]> => {
  const kept = await db.query(selectSigningKey)
  if (kept.length > 0) return kept
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  await db.query(insertSigningKey, [JSON.stringify(await exportJWK(privateKey))])
  return db.query(selectSigningKey)
}

const publicHalf = async (jwk: JWK): Promise<PublicKey> => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: jwk.x ?? '',
  kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)),
  alg: ALGORITHM,
  use: 'sig',
})

const parseKeys = (text: string): readonly JWK[] => {
  const unfit = new Error(
    'JWT_PRIVATE_KEY is no Ed25519 private key. Set it to a JWK {"kty":"OKP","crv":"Ed25519","x":…,"d":…}, or leave it out: a key is then made and kept in the database.',
  )
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Without the cause: a parser's message quotes the text, and the text is a secret.
    throw unfit
  }
  const keys = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value]
  if (keys.length === 0 || !keys.every(isPrivateKey)) throw unfit
  return keys
}

const isPrivateKey = (value: unknown): value is JWK =>
  isObject(value) &&
  value['kty'] === 'OKP' &&
  value['crv'] === 'Ed25519' &&
  typeof value['x'] === 'string' &&
  typeof value['d'] === 'string' &&
  (value['kid'] === undefined || typeof value['kid'] === 'string')

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
