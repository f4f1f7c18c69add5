import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { account } from '../service.ts'
import { ada, problemOf, registered } from '../test-customer.ts'
import type { Shop, SignedIn } from '../test-customer.ts'

const post = (shop: Shop, refresh_token: string) =>
  shop.request('POST', '/api/v1/account/refresh', { body: { refresh_token } })

const refreshed = async (shop: Shop, refresh_token: string): Promise<SignedIn> => {
  const { status, body } = await post(shop, refresh_token)
  assert.equal(status, 200, JSON.stringify(body))
  return body as SignedIn
}
const assertRefused = async (shop: Shop, refresh_token: string): Promise<void> => {
  const answer = await post(shop, refresh_token)
  assert.equal(answer.status, 401)
  assert.equal(problemOf(answer), 'refresh-token-refused')
}
const tokensIssued = async (shop: Shop): Promise<number> => {
  const [row] = await shop.db.query<{ readonly n: number }>({
    name: 'count-tokens',
    text: 'select count(*)::integer as n from refresh_token',
  })
  return row?.n ?? 0
}

test('a refresh token is traded for the next pair, in the same session', async () => {
  await using shop = await slice(account)
  const first = await registered(shop)
  const second = await refreshed(shop, first.refresh_token)
  assert.equal(second.session_id, first.session_id)
  assert.deepEqual(second.account, first.account)
  assert.notEqual(second.refresh_token, first.refresh_token)
  assert.notEqual(second.access_token, first.access_token)
  await refreshed(shop, second.refresh_token)
})

test('100 parallel refreshes, time after time, give one successor and end nothing', async () => {
  await using shop = await slice(account)
  let { refresh_token } = await registered(shop)
  // Several rounds: in the first one the connections are opened one by one, which keeps the callers apart.
  for (let round = 1; round <= 5; round++) {
    const pairs = await Promise.all(Array.from({ length: 100 }, () => refreshed(shop, refresh_token)))
    assert.equal(new Set(pairs.map((pair) => pair.refresh_token)).size, 1)
    assert.equal(await tokensIssued(shop), round + 1)
    refresh_token = pairs[0]?.refresh_token ?? ''
  }
})

test('after 20 seconds a spent token ends its session, the newest token included', async () => {
  await using shop = await slice(account)
  const first = await registered(shop)
  const second = await refreshed(shop, first.refresh_token)
  shop.platform.clock.advance(20_000)
  assert.equal((await refreshed(shop, first.refresh_token)).refresh_token, second.refresh_token)
  shop.platform.clock.advance(1)
  await assertRefused(shop, first.refresh_token)
  await assertRefused(shop, second.refresh_token)
})

test("one session's end leaves the account's other sessions alone", async () => {
  await using shop = await slice(account)
  const phone = await registered(shop)
  const { body } = await shop.request('POST', '/api/v1/account/login', {
    body: { email: ada.email, password: ada.password },
  })
  const laptop = body as SignedIn
  await refreshed(shop, phone.refresh_token)
  shop.platform.clock.advance(60_000)
  await assertRefused(shop, phone.refresh_token)
  await refreshed(shop, laptop.refresh_token)
})

test('a tab that is two rotations late gets the newest token, which works later', async () => {
  await using shop = await slice(account)
  const first = await registered(shop)
  const second = await refreshed(shop, first.refresh_token)
  const third = await refreshed(shop, second.refresh_token)
  assert.equal((await refreshed(shop, first.refresh_token)).refresh_token, third.refresh_token)
  shop.platform.clock.advance(15 * 60_000)
  await refreshed(shop, third.refresh_token)
})

test('a refresh token lives for 30 days, and each one anew', async () => {
  await using shop = await slice(account)
  const day = 86_400_000
  const first = await registered(shop)
  shop.platform.clock.advance(29 * day)
  const second = await refreshed(shop, first.refresh_token)
  shop.platform.clock.advance(29 * day)
  const third = await refreshed(shop, second.refresh_token)
  shop.platform.clock.advance(30 * day)
  await assertRefused(shop, third.refresh_token)
})

test('neither an access token nor nonsense is a refresh token', async () => {
  await using shop = await slice(account)
  const { access_token, refresh_token } = await registered(shop)
  for (const token of [access_token, `${refresh_token}x`, refresh_token.toUpperCase(), 'x'])
    await assertRefused(shop, token)
  assert.equal((await shop.request('POST', '/api/v1/account/refresh', { body: {} })).status, 400)
  await refreshed(shop, refresh_token)
})

test('the next sign-in clears away sessions that have expired', async () => {
  await using shop = await slice(account)
  await registered(shop)
  assert.equal(await tokensIssued(shop), 1)
  shop.platform.clock.advance(31 * 86_400_000)
  await shop.request('POST', '/api/v1/account/login', { body: { email: ada.email, password: ada.password } })
  assert.equal(await tokensIssued(shop), 1)
})

test('the database holds no refresh token, only hashes', async () => {
  await using shop = await slice(account)
  const { refresh_token } = await registered(shop)
  const [row] = await shop.db.query<{ readonly all: string }>({
    name: 'dump-tokens',
    text: 'select json_agg(t)::text as all from refresh_token t',
  })
  assert.ok(row)
  assert.ok(!row.all.includes(refresh_token))
  assert.ok(!row.all.includes(Buffer.from(refresh_token).toString('hex')))
})
