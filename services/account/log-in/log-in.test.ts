import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { hash } from '@node-rs/argon2'
import { account } from '../service.ts'
import { ada, problemOf, registered } from '../test-customer.ts'
import type { Shop, SignedIn } from '../test-customer.ts'

const logIn = (shop: Shop, body: object) => shop.request('POST', '/api/v1/account/login', { body })

test('login answers as register does, and opens another session', async () => {
  await using shop = await slice(account)
  const first = await registered(shop)
  const { status, headers, body } = await logIn(shop, { email: 'ADA.lovelace@example.test', password: ada.password })
  assert.equal(status, 200)
  assert.equal(headers['cache-control'], 'no-store')
  const second = body as SignedIn
  assert.deepEqual(Object.keys(second).toSorted(), Object.keys(first).toSorted())
  assert.deepEqual(second.account, first.account)
  assert.notEqual(second.session_id, first.session_id)
  assert.notEqual(second.refresh_token, first.refresh_token)
})

test('an unknown e-mail address and a wrong password are answered alike', async () => {
  await using shop = await slice(account)
  await registered(shop)
  const seen = async (body: object) => {
    const answer = await logIn(shop, body)
    const { trace_id: _, ...problem } = answer.body as Record<string, unknown>
    return { status: answer.status, problem, headers: Object.keys(answer.headers) }
  }
  const wrong = await seen({ email: ada.email, password: 'not the password' })
  assert.equal(wrong.status, 401)
  assert.equal(wrong.problem['code'], 'sign-in-failed')
  for (const email of ['eve@example.test', 'no address', '', '%', "' or 1=1 --"])
    assert.deepEqual(await seen({ email, password: ada.password }), wrong)
})

test('all of a password counts: 256 characters, the last one too', async () => {
  await using shop = await slice(account)
  const password = `${'ü'.repeat(255)}x`
  await registered(shop, { password })
  assert.equal((await logIn(shop, { email: ada.email, password })).status, 200)
  assert.equal((await logIn(shop, { email: ada.email, password: `${'ü'.repeat(255)}y` })).status, 401)
  assert.equal((await logIn(shop, { email: ada.email, password: password.normalize('NFD') })).status, 200)
})

test('an account without a password is not entered with one', async () => {
  await using shop = await slice(account)
  await registered(shop)
  await shop.db.query({ name: 'forget-password', text: 'update account set password_hash = null' })
  for (const password of [ada.password, ada.email, '']) {
    assert.equal(problemOf(await logIn(shop, { email: ada.email, password })), 'sign-in-failed')
  }
})

test('a hash of another cost is renewed at the next login', async () => {
  await using shop = await slice(account)
  await registered(shop)
  const weak = await hash(ada.password, { memoryCost: 1_024, timeCost: 1, parallelism: 1 })
  await shop.db.query({ name: 'weaken', text: 'update account set password_hash = $1' }, [weak])
  assert.equal((await logIn(shop, { email: ada.email, password: ada.password })).status, 200)
  const [row] = await shop.db.query<{ readonly password_hash: string }>({
    name: 'read-hash',
    text: 'select password_hash from account',
  })
  assert.match(row?.password_hash ?? '', /m=19456,t=2,p=1/)
  assert.equal((await logIn(shop, { email: ada.email, password: ada.password })).status, 200)
})

test('a flood of logins is turned away when the queue is full, and told when to come back', async () => {
  await using shop = await slice(account, { config: { PASSWORD_QUEUE: '2' } })
  await registered(shop)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => logIn(shop, { email: ada.email, password: ada.password })),
  )
  const count = (status: number) => answers.filter((answer) => answer.status === status).length
  assert.equal(count(200) + count(503), 20)
  assert.ok(count(200) >= 3 && count(503) > 0, `${count(200)} in, ${count(503)} turned away`)
  const away = answers.find(({ status }) => status === 503)
  assert.ok(away)
  assert.equal(problemOf(away), 'busy')
  assert.ok(Number(away.headers['retry-after']) >= 1)
  assert.equal((await logIn(shop, { email: ada.email, password: ada.password })).status, 200)
})
