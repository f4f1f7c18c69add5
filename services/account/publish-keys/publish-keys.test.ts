import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACCESS_TOKEN } from '@argosy/contracts/http/account'
import { tokenVerifier } from '@kit/http/token'
import { isRefusal } from '@kit/problem/refusal'
import { slice } from '@kit/testing/slice'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { loadKeys } from '../keys.ts'
import { account } from '../service.ts'
import { registered } from '../test-customer.ts'
import type { Shop } from '../test-customer.ts'

const published = async (shop: Shop): Promise<JSONWebKeySet> => {
  const { status, body } = await shop.request('GET', '/.well-known/jwks.json')
  assert.equal(status, 200)
  assert.deepEqual((await shop.request('GET', '/api/v1/account/jwks')).body, body)
  return body as JSONWebKeySet
}
const verifierOf = (shop: Shop, keys: JSONWebKeySet) =>
  tokenVerifier({ keys: () => Promise.resolve(keys), ...ACCESS_TOKEN, clock: shop.platform.clock })

test('an access token is verified with the published keys, and is over after 15 minutes', async () => {
  await using shop = await slice(account)
  const { access_token, session_id, account: shown } = await registered(shop)
  const verify = verifierOf(shop, await published(shop))
  assert.deepEqual(await verify(access_token), { id: shown.id, session: session_id, roles: ['customer'] })
  shop.platform.clock.advance(15 * 60_000)
  assert.ok(isRefusal(await verify(access_token)))
})

test('an access token says what RFC 9068 asks for, and nothing of the person', async () => {
  await using shop = await slice(account)
  const { access_token } = await registered(shop)
  const { kid, ...header } = decodeProtectedHeader(access_token)
  assert.deepEqual(header, { alg: 'EdDSA', typ: 'at+jwt' })
  const [key] = (await published(shop)).keys
  assert.equal(kid, key?.kid)
  const claims = decodeJwt(access_token)
  assert.deepEqual(Object.keys(claims).toSorted(), ['aud', 'exp', 'iat', 'iss', 'jti', 'roles', 'sid', 'sub'])
  assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 900)
})

test('no private part is published', async () => {
  await using shop = await slice(account)
  for (const key of (await published(shop)).keys) assert.ok(!('d' in key))
})

test('two that start at once on a new database use one key', async () => {
  await using shop = await slice(account)
  await shop.db.query({ name: 'forget-key', text: 'delete from signing_key' })
  const [one, two] = await Promise.all([loadKeys(undefined, shop.db), loadKeys(undefined, shop.db)])
  assert.deepEqual(one.published, two.published)
})

test('a configured key signs; the one kept before is still published', async () => {
  await using shop = await slice(account)
  const [kept] = (await published(shop)).keys
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: 'mine' }
  const keys = await loadKeys(JSON.stringify({ keys: [jwk] }), shop.db)
  assert.equal(keys.kid, 'mine')
  assert.deepEqual(
    keys.published.map(({ kid }) => kid),
    ['mine', kept?.kid],
  )
})

test('a configured key that is none stops the start, without being shown', async () => {
  await using shop = await slice(account)
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const unfit = ['{"kty":"oct","k":"S3CRET"}', '{S3CRET', '{"keys":[]}', JSON.stringify(await exportJWK(privateKey))]
  for (const text of unfit) {
    await assert.rejects(loadKeys(text, shop.db), (error) => {
      assert.match(String(error), /JWT_PRIVATE_KEY is no Ed25519 private key/)
      assert.doesNotMatch(String(error), /S3CRET/)
      return true
    })
  }
})
