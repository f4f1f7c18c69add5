import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { account } from '../service.ts'
import { ada, codeSent, problemOf, registered } from '../test-customer.ts'
import type { SignedIn } from '../test-customer.ts'
import { openTestProvider } from './test-provider.ts'
import type { Script } from './test-provider.ts'

const LOGIN = '/api/v1/account/google/login'
const CALLBACK = '/api/v1/account/google/callback'

const open = async () => {
  const owned = new AsyncDisposableStack()
  const provider = owned.use(await openTestProvider())
  const shop = owned.use(
    await slice(account, {
      config: { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'shop', OIDC_CLIENT_SECRET: 'shop-secret' },
    }),
  )
  provider.follow(shop.platform.clock)
  return { provider, shop, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
type World = Awaited<ReturnType<typeof open>>

/** A browser that has been sent to the provider. */
const begin = async ({ shop }: World) => {
  const { status, headers } = await shop.request('GET', LOGIN)
  assert.equal(status, 307)
  return { location: String(headers['location']), cookie: String(headers['set-cookie']).split(';')[0] ?? '' }
}
const comeBack = ({ shop }: World, parameters: Record<string, string>, cookie: string) =>
  shop.request('GET', `${CALLBACK}?${new URLSearchParams(parameters).toString()}`, { headers: { cookie } })

const signIn = async (world: World, script: Script = {}) => {
  world.provider.play(script)
  const { location, cookie } = await begin(world)
  return comeBack(world, world.provider.agree(location), cookie)
}

test('not configured, both addresses say how to set it up', async () => {
  await using shop = await slice(account)
  for (const path of [LOGIN, CALLBACK, `${LOGIN}?utm_source=letter`]) {
    const answer = await shop.request('GET', path)
    assert.equal(answer.status, 501)
    assert.equal(problemOf(answer), 'provider-not-configured')
    assert.match((answer.body as { detail: string }).detail, /OIDC_CLIENT_ID and OIDC_CLIENT_SECRET/)
  }
})

test('the browser is sent to the provider with state, nonce and PKCE, new ones each time', async () => {
  await using world = await open()
  const seen = new Set<string | null>()
  for (const _ of [1, 2]) {
    const { location } = await begin(world)
    assert.ok(location.startsWith(`${world.provider.issuer}/auth?`))
    const asked = new URL(location).searchParams
    assert.equal(asked.get('code_challenge_method'), 'S256')
    for (const name of ['state', 'nonce', 'code_challenge']) seen.add(asked.get(name))
  }
  assert.equal(seen.size, 6)
})

test('the callback answers as login does; the same person comes back to the same account', async () => {
  await using world = await open()
  const first = await signIn(world)
  assert.equal(first.status, 200)
  const { access_token, refresh_token, session_id, account: shown } = first.body as SignedIn
  assert.ok(access_token && refresh_token && session_id)
  assert.deepEqual(
    [shown.email, shown.first_name, shown.last_name, shown.active],
    ['ada@idp.test', 'Ada', 'Lovelace', true],
  )
  const second = await signIn(world, { claims: { email: 'new@idp.test' } })
  assert.equal((second.body as SignedIn).account.id, shown.id)
})

test('an account that a provider opened has no password to guess', async () => {
  await using world = await open()
  await signIn(world)
  for (const password of ['ada@idp.test', 'subject-1', 'Ada']) {
    const body = { email: 'ada@idp.test', password }
    assert.equal((await world.shop.request('POST', '/api/v1/account/login', { body })).status, 401)
  }
})

test("somebody else's return, a second use of the code and a return without a cookie are refused", async () => {
  await using world = await open()
  const mine = await begin(world)
  const theirs = await begin(world)
  const returned = world.provider.agree(mine.location)
  assert.equal(problemOf(await comeBack(world, returned, '')), 'provider-refused')
  assert.equal(problemOf(await comeBack(world, returned, theirs.cookie)), 'provider-refused')
  assert.equal(
    problemOf(await comeBack(world, { ...returned, state: `${returned.state}é` }, mine.cookie)),
    'provider-refused',
  )
  assert.equal(
    problemOf(await comeBack(world, { ...returned, iss: 'https://evil.test' }, mine.cookie)),
    'provider-refused',
  )
  assert.equal(
    problemOf(await comeBack(world, { state: returned.state, error: 'access_denied' }, mine.cookie)),
    'provider-refused',
  )
  assert.equal((await comeBack(world, returned, mine.cookie)).status, 200)
  assert.equal(problemOf(await comeBack(world, returned, mine.cookie)), 'provider-refused')
})

test('a code that was stolen from another browser is worth nothing', async () => {
  await using world = await open()
  const victim = await begin(world)
  const thief = await begin(world)
  const { code } = world.provider.agree(victim.location)
  const { state } = world.provider.agree(thief.location)
  assert.equal(problemOf(await comeBack(world, { code, state }, thief.cookie)), 'provider-refused')
})

test('identity tokens that are forged, old, or meant for others are refused', async () => {
  await using world = await open()
  const past = Math.floor(world.shop.platform.clock.now().getTime() / 1000) - 600
  const scripts: readonly Script[] = [
    { alg: 'none' },
    { alg: 'foreign' },
    { claims: { iss: 'https://evil.test' } },
    { claims: { aud: 'another shop' } },
    { claims: { aud: ['shop', 'another'], azp: 'another' } },
    { claims: { nonce: 'replayed' } },
    { claims: { nonce: undefined } },
    { claims: { iat: past, exp: past + 300 } },
  ]
  for (const script of scripts) {
    const answer = await signIn(world, script)
    assert.deepEqual([answer.status, problemOf(answer)], [401, 'provider-refused'], JSON.stringify(script))
  }
})

test('an address that the provider has not verified opens no account', async () => {
  await using world = await open()
  for (const email_verified of [false, 'true', undefined]) {
    assert.equal(problemOf(await signIn(world, { claims: { email_verified } })), 'email-not-verified')
  }
})

test('an account with the same address is shared only once its owner has verified the address here', async () => {
  await using world = await open()
  const { shop } = world
  const { account: mine } = await registered(shop)
  const script = { claims: { email: ada.email.toUpperCase() } }
  assert.equal(problemOf(await signIn(world, script)), 'email-taken')
  await shop.drain()
  await shop.request('POST', '/api/v1/account/verify', { body: { code: await codeSent(shop) }, as: { id: mine.id } })
  assert.equal(((await signIn(world, script)).body as SignedIn).account.id, mine.id)
})

test('two returns of one new person at once open one account', async () => {
  await using world = await open()
  const answers = await Promise.all([signIn(world), signIn(world)])
  const ids = answers.map(({ status, body }) => [status, (body as SignedIn).account.id])
  assert.deepEqual(ids[0], ids[1])
})

test('a provider that is down is a passing problem', async () => {
  await using world = await open()
  world.provider.play({ down: true })
  const answer = await world.shop.request('GET', LOGIN)
  assert.deepEqual([answer.status, problemOf(answer)], [503, 'unavailable'])
  world.provider.play({})
  assert.equal((await world.shop.request('GET', LOGIN)).status, 307)
})
