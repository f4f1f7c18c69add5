import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { account } from '../service.ts'
import { codeSent, problemOf, registered } from '../test-customer.ts'
import type { Shop } from '../test-customer.ts'

const minute = 60_000
const verify = (shop: Shop, id: string, code: string) =>
  shop.request('POST', '/api/v1/account/verify', { body: { code }, as: { id } })
const resend = (shop: Shop, id: string) => shop.request('POST', '/api/v1/account/verify/resend', { as: { id } })
/** A code of six digits that is not `code`. */
const other = (code: string): string => (code === '000000' ? '000001' : '000000')

const setUp = async (shop: Shop) => {
  const { account: shown } = await registered(shop)
  await shop.drain()
  return { id: shown.id, code: await codeSent(shop) }
}

test('the code from the mail verifies the account, which is told once', async () => {
  await using shop = await slice(account)
  const { id, code } = await setUp(shop)
  for (const _ of ['once', 'again']) {
    const { status, body } = await verify(shop, id, code)
    assert.equal(status, 200)
    assert.equal((body as { account: { active: boolean } }).account.active, true)
  }
  await shop.drain()
  assert.deepEqual(
    (await shop.published()).map(({ type }) => type),
    ['account.account-verified.v1'],
  )
})

test('a wrong code, a code of the wrong form and the code of another account verify nothing', async () => {
  await using shop = await slice(account)
  const { id, code } = await setUp(shop)
  const { account: eve } = await registered(shop, { email: 'eve@example.test' })
  assert.equal(problemOf(await verify(shop, id, other(code))), 'wrong-code')
  assert.equal((await verify(shop, id, '12345')).status, 400)
  assert.equal((await shop.request('POST', '/api/v1/account/verify', { body: { code } })).status, 401)
  const byEve = await verify(shop, eve.id, code)
  if (code !== (await codeSent(shop))) assert.equal(problemOf(byEve), 'wrong-code')
})

test('the code is valid for ten minutes', async () => {
  await using shop = await slice(account)
  const { id, code } = await setUp(shop)
  shop.platform.clock.advance(10 * minute)
  assert.equal(problemOf(await verify(shop, id, code)), 'code-expired')
})

test('after five wrong tries, all at once or not, the right code is refused', async () => {
  await using shop = await slice(account)
  const { id, code } = await setUp(shop)
  const answers = await Promise.all(Array.from({ length: 8 }, () => verify(shop, id, other(code))))
  const count = (wanted: string) => answers.filter((answer) => problemOf(answer) === wanted).length
  assert.deepEqual([count('wrong-code'), count('too-many-tries')], [5, 3])
  assert.equal(problemOf(await verify(shop, id, code)), 'too-many-tries')
})

test('a code is sent at most once a minute, and the new one counts', async () => {
  await using shop = await slice(account)
  const { id, code } = await setUp(shop)
  const soon = await resend(shop, id)
  assert.deepEqual([soon.status, problemOf(soon), soon.headers['retry-after']], [429, 'code-sent-recently', '60'])

  // First a crowd that is too early, so that the connections are open and the next one really meets.
  await Promise.all(Array.from({ length: 8 }, () => resend(shop, id)))
  shop.platform.clock.advance(minute)
  const asked = await Promise.all(Array.from({ length: 8 }, () => resend(shop, id)))
  assert.equal(asked.filter(({ status }) => status === 202).length, 1)
  await shop.drain()
  const renewed = await codeSent(shop)
  if (renewed !== code) assert.equal(problemOf(await verify(shop, id, code)), 'wrong-code')
  assert.equal((await verify(shop, id, renewed)).status, 200)
  assert.equal(problemOf(await resend(shop, id)), 'already-verified')
})
