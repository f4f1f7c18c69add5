import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '@kit/problem/refusal'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { CryptoKey, JSONWebKeySet } from 'jose'
import { openServer } from '@kit/http-server/server'
import { Refused } from './refused.ts'
import { surroundings } from './test-surroundings.ts'
import { keysAt, tokenVerifier } from './token.ts'

const issuer = 'https://argosy.test'
const audience = 'argosy'

const setUp = async () => {
  const around = surroundings()
  const start = around.platform.clock.now().getTime() / 1000
  const pair = await generateKeyPair('EdDSA', { extractable: true })
  const jwks: JSONWebKeySet = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' }] }
  let asked = 0
  const keys = async () => {
    asked++
    return structuredClone(jwks)
  }
  const verifier = tokenVerifier({
    keys,
    issuer,
    audience,
    roles: ['customer', 'admin'],
    clock: around.platform.clock,
    remember: 3,
  })
  const sign = (change: { claims?: object; header?: object; key?: CryptoKey | Uint8Array } = {}) => {
    const claims = {
      iss: issuer,
      aud: audience,
      sub: 'ada',
      sid: 's1',
      roles: ['customer'],
      exp: start + 900,
      ...change.claims,
    }
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1', ...change.header })
      .sign(change.key ?? pair.privateKey)
  }
  return { ...around, verifier, sign, jwks, pair, start, asked: () => asked }
}

test('a good token names its account, roles and session; the second time without a promise', async () => {
  const { verifier, sign } = await setUp()
  const token = await sign()
  const caller = { id: 'ada', roles: ['customer'], session: 's1' }
  assert.deepEqual(await verifier(token), caller)
  assert.deepEqual(verifier(token), caller)
})

test('a remembered token ends when it expires', async () => {
  const { verifier, sign, later } = await setUp()
  const token = await sign()
  await verifier(token)
  later(899_000)
  assert.ok(!isRefusal(verifier(token)))
  later(1_000)
  assert.ok(isRefusal(verifier(token)))
  assert.ok(isRefusal(await verifier(token)))
})

test('forged tokens are refused', async () => {
  const { verifier, sign, jwks, pair, start } = await setUp()
  const stranger = await generateKeyPair('EdDSA')
  const publicBytes = new TextEncoder().encode(jwks.keys[0]?.x ?? '')
  const rsa = await generateKeyPair('RS256')
  const [head, body, signature] = (await sign()).split('.')
  const unsigned = new UnsecuredJWT({ sub: 'ada', sid: 's1' }).setIssuer(issuer).setAudience(audience)
  const bare = unsigned.setExpirationTime(start + 900).encode()
  const none = (alg: string): string =>
    `${Buffer.from(JSON.stringify({ alg, typ: 'at+jwt' })).toString('base64url')}.${bare.split('.')[1]}.`
  const forged = {
    'alg none': none('none'),
    'alg nOnE': none('nOnE'),
    'signed by a stranger': await sign({ key: stranger.privateKey }),
    'HMAC with the public key': await sign({
      header: { alg: 'HS256' },
      key: publicBytes.length < 32 ? new Uint8Array(32) : publicBytes,
    }),
    'another algorithm': await sign({ header: { alg: 'RS256' }, key: rsa.privateKey }),
    'a refresh token': await sign({ header: { typ: 'rt+jwt' } }),
    'no typ': await sign({ header: { typ: undefined } }),
    'another issuer': await sign({ claims: { iss: 'https://evil.test' } }),
    'another audience': await sign({ claims: { aud: 'other' } }),
    expired: await sign({ claims: { exp: start - 1 } }),
    'without expiry': await sign({ claims: { exp: undefined } }),
    'not yet valid': await sign({ claims: { nbf: start + 60 } }),
    'a path as key id': await sign({ header: { kid: '../../etc/passwd' } }),
    'its own key in the header': await sign({
      header: { kid: 'k2', jwk: await exportJWK(stranger.publicKey) },
      key: stranger.privateKey,
    }),
    'an unknown critical extension': `${Buffer.from('{"alg":"EdDSA","typ":"at+jwt","kid":"k1","crit":["x"],"x":1}').toString('base64url')}.${body}.${signature}`,
    'another body': `${head}.${Buffer.from(JSON.stringify({ iss: issuer, aud: audience, sub: 'root', sid: 's', exp: start + 900 })).toString('base64url')}.${signature}`,
    'no dots': 'abc',
    empty: '',
    'a megabyte': 'x'.repeat(1_000_000),
  }
  assert.ok(!isRefusal(await verifier(await sign({ key: pair.privateKey }))))
  for (const [name, token] of Object.entries(forged)) assert.ok(isRefusal(await verifier(token)), name)
})

test('roles that the platform does not know are dropped', async () => {
  const { verifier, sign } = await setUp()
  const caller = await verifier(await sign({ claims: { roles: ['admin', 'god', 7] } }))
  assert.deepEqual(caller, { id: 'ada', roles: ['admin'], session: 's1' })
})

test('a new key is found, and unknown key ids do not make us ask without end', async () => {
  const { verifier, sign, jwks, later, asked } = await setUp()
  await verifier(await sign())
  const next = await generateKeyPair('EdDSA', { extractable: true })
  jwks.keys.push({ ...(await exportJWK(next.publicKey)), kid: 'k2', alg: 'EdDSA' })
  const rotated = await sign({ header: { kid: 'k2' }, key: next.privateKey })
  assert.ok(isRefusal(await verifier(rotated)))
  assert.equal(asked(), 1)
  later(11_000)
  assert.ok(!isRefusal(await verifier(rotated)))
  assert.equal(asked(), 2)
})

test('a new key is found although the clock was ahead when the keys were asked for', async () => {
  const { verifier, sign, jwks, later } = await setUp()
  later(7_200_000)
  await verifier(await sign())
  later(-7_200_000)
  const next = await generateKeyPair('EdDSA', { extractable: true })
  jwks.keys.push({ ...(await exportJWK(next.publicKey)), kid: 'k2', alg: 'EdDSA' })
  assert.ok(!isRefusal(await verifier(await sign({ header: { kid: 'k2' }, key: next.privateKey }))))
})

test('the oldest of too many remembered tokens is forgotten', async () => {
  const { verifier, sign } = await setUp()
  const tokens = await Promise.all(['a', 'b', 'c', 'd'].map((sub) => sign({ claims: { sub } })))
  for (const token of tokens) await verifier(token)
  const [first, , , last] = tokens.map((token) => verifier(token) instanceof Promise)
  assert.deepEqual([first, last], [true, false])
})

test('keys are had from whichever of several servers has them', async () => {
  const serving = async (status: number) => {
    const server = openServer(surroundings())
    server.app.get('/keys', (_request, reply) =>
      reply.code(status).send({ keys: [{ kty: 'OKP', kid: String(status) }] }),
    )
    return { server, url: `${await server.listen({ host: '127.0.0.1', port: 0 })}/keys` }
  }
  const [ill, well, gone] = [await serving(500), await serving(200), await serving(200)]
  await using _ill = ill.server
  await using _well = well.server
  await gone.server[Symbol.asyncDispose]()
  const keys = keysAt([gone.url, ill.url, well.url])
  for (let n = 0; n < 4; n++) assert.equal((await keys()).keys[0]?.kid, '200')
  await assert.rejects(keysAt([gone.url, ill.url])(), (error) => error instanceof Refused)
})
