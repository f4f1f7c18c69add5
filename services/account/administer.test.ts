import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '@kit/problem/refusal'
import { slice } from '@kit/testing/slice'
import { decodeJwt } from 'jose'
import { createAdmin, grantRole, hasAdmin, objectionTo } from './administer.ts'
import { account } from './service.ts'
import { ada, registered } from './test-customer.ts'
import type { Shop, SignedIn } from './test-customer.ts'

const resources = (shop: Shop) => ({
  platform: shop.platform,
  transact: <T>(_: unknown, work: (tx: never) => Promise<{ answer: T }>): Promise<T> =>
    shop.db.transaction(async (tx) => (await work(tx as never)).answer),
})
const rolesAfterLogin = async (shop: Shop, email: string, password: string): Promise<unknown> => {
  const { status, body } = await shop.request('POST', '/api/v1/account/login', { body: { email, password } })
  assert.equal(status, 200)
  return decodeJwt((body as SignedIn).access_token)['roles']
}

test('an admin is made on the command line and signs in as one', async () => {
  await using shop = await slice(account)
  const admin = { email: 'Admin@shop.test', password: 'correct horse battery' }
  const made = await createAdmin(resources(shop), { ...admin, email: ` ${admin.email}\n` })
  assert.ok(!isRefusal(made))
  assert.equal(made.email, admin.email)
  assert.deepEqual(await rolesAfterLogin(shop, 'admin@shop.test', admin.password), ['customer', 'admin'])
})

test('an address that somebody has registered is not raised by mistake', async () => {
  await using shop = await slice(account)
  await registered(shop)
  const made = await createAdmin(resources(shop), { email: ada.email, password: 'another password' })
  assert.ok(isRefusal(made) && made.refused === 'email-taken')
  assert.deepEqual(await rolesAfterLogin(shop, ada.email, ada.password), ['customer'])
})

test('a shop has an admin once one is made or raised, and not by who registers', async () => {
  await using shop = await slice(account)
  await registered(shop)
  assert.equal(await hasAdmin(shop.db), false)
  await grantRole(shop.db, { email: ada.email, role: 'admin' })
  assert.equal(await hasAdmin(shop.db), true)
})

test('what stands against an address is said before a password is typed', async () => {
  await using shop = await slice(account)
  await registered(shop)
  const [taken, unfit] = [await objectionTo(shop.db, ada.email.toUpperCase()), await objectionTo(shop.db, 'no address')]
  assert.deepEqual([taken?.refused, unfit?.refused], ['email-taken', 'invalid-request'])
  assert.equal(await objectionTo(shop.db, 'admin@shop.test'), undefined)
})

test('a role is granted once', async () => {
  await using shop = await slice(account)
  await registered(shop)
  for (const _ of ['once', 'again']) {
    const granted = await grantRole(shop.db, { email: ada.email.toUpperCase(), role: 'seller' })
    assert.ok(!isRefusal(granted))
    assert.deepEqual(granted.roles, ['customer', 'seller'])
  }
  assert.deepEqual(await rolesAfterLogin(shop, ada.email, ada.password), ['customer', 'seller'])
})

test('an unknown account and an unfit password are refused', async () => {
  await using shop = await slice(account)
  const nobody = await grantRole(shop.db, { email: 'nobody@shop.test', role: 'admin' })
  assert.ok(isRefusal(nobody) && nobody.refused === 'not-found')
  for (const admin of [
    { email: 'admin@shop.test', password: 'short' },
    { email: 'no address', password: 'long enough' },
  ]) {
    const made = await createAdmin(resources(shop), admin)
    assert.ok(isRefusal(made) && made.refused === 'invalid-request')
  }
})
