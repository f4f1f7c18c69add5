import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { parseOptions } from '@node-rs/argon2'
import { account } from '../service.ts'
import { ada, problemOf, registered } from '../test-customer.ts'
import type { Shop } from '../test-customer.ts'

const rows = (shop: Shop) =>
  shop.db.query<{ readonly email: string; readonly password_hash: string; readonly roles: readonly string[] }>({
    name: 'all-accounts',
    text: 'select email, password_hash, roles from account order by email',
  })

const post = (shop: Shop, change: object) =>
  shop.request('POST', '/api/v1/account/register', { body: { ...ada, ...change } })

test('registering answers with both tokens, the session and the account', async () => {
  await using shop = await slice(account)
  const { access_token, refresh_token, session_id, account: shown, ...rest } = await registered(shop)
  assert.deepEqual(rest, {})
  assert.ok(access_token && refresh_token && session_id)
  const { id, active, created_at, updated_at, ...person } = shown
  const { password: _, ...given } = ada
  assert.deepEqual(person, given)
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.equal(active, false)
  assert.equal(created_at, shop.platform.clock.now().toISOString())
  assert.equal(updated_at, created_at)
})

test('the account is told of and its verification code is sent, without a word of the password', async () => {
  await using shop = await slice(account)
  const { account: shown } = await registered(shop)
  await shop.drain()
  const messages = await shop.published()
  assert.deepEqual(messages.map(({ type }) => type).toSorted(), [
    'account.account-registered.v1',
    'mail.send-verification-code.v1',
  ])
  for (const { key, data } of messages) {
    assert.equal(key, shown.id)
    assert.doesNotMatch(JSON.stringify(data), /password|argon2|Analytical/i)
  }
})

test('an e-mail address is taken in whatever capitals, and the answer shows no SQL', async () => {
  await using shop = await slice(account)
  await registered(shop)
  const answer = await post(shop, { email: 'ADA.Lovelace@Example.TEST', password: 'another password' })
  assert.equal(answer.status, 409)
  assert.equal(problemOf(answer), 'email-taken')
  assert.doesNotMatch(JSON.stringify(answer.body), /constraint|duplicate|insert|relation|email_key/i)
  assert.equal((await rows(shop)).length, 1)
})

test('blanks around an e-mail address make no difference, when registering and when signing in', async () => {
  await using shop = await slice(account)
  const { account: shown } = await registered(shop, { email: ` \t${ada.email}\u00a0\n` })
  assert.equal(shown.email, ada.email)
  assert.equal((await rows(shop))[0]?.email, ada.email)
  assert.equal(problemOf(await post(shop, { email: `${ada.email} ` })), 'email-taken')
  const { email, password } = ada
  const signIn = (body: object) => shop.request('POST', '/api/v1/account/login', { body: { email, password, ...body } })
  assert.equal((await signIn({ email: `  ${email.toUpperCase()}\r\n` })).status, 200)
  assert.equal((await signIn({ password: ` ${password}` })).status, 401)
})

test('of two that register one address at once, one gets it', async () => {
  await using shop = await slice(account)
  const answers = await Promise.all([post(shop, {}), post(shop, { first_name: 'Eve' })])
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201, 409]))
})

test('input that is not fit is refused by name and changes nothing', async () => {
  await using shop = await slice(account)
  const unfit: readonly (readonly [string, object])[] = [
    ['/email', { email: 'ada' }],
    ['/email', { email: 'ada@localhost' }],
    ['/email', { email: 'a b@shop.test' }],
    ['/email', { email: 'ada@shop.test\r\nBcc: eve@shop.test' }],
    ['/email', { email: 'Ada <ada@shop.test>' }],
    ['/email', { email: 'ada@shop.test,eve@shop.test' }],
    ['/email', { email: `${'a'.repeat(245)}@shop.test` }],
    ['/email', { email: undefined }],
    ['/email', { email: 7 }],
    ['/password', { password: '1234567' }],
    ['/password', { password: 'x'.repeat(257) }],
    ['/password', { password: undefined }],
    ['/first_name', { first_name: '' }],
    ['/first_name', { first_name: '   ' }],
    ['/first_name', { first_name: 'A\u001bda' }],
    ['/first_name', { first_name: 'x'.repeat(101) }],
    ['/last_name', { last_name: ['Lovelace'] }],
    ['/address', { address: 'a\nb' }],
    ['/phone_number', { phone_number: '1'.repeat(41) }],
  ]
  for (const [pointer, change] of unfit) {
    const answer = await post(shop, change)
    assert.equal(answer.status, 400, `${pointer} ${JSON.stringify(change)}`)
    assert.deepEqual(
      (answer.body as { errors: readonly { pointer: string }[] }).errors.map((one) => one.pointer),
      [pointer],
    )
  }
  assert.deepEqual(await rows(shop), [])
})

test('names of all peoples are fine; address and telephone may be left out', async () => {
  await using shop = await slice(account)
  const names = ['Nguyễn Thị Ánh', "O'Brien-Łukasz", '李小龙', 'X Æ A-12', 'x'.repeat(100)]
  for (const [i, first_name] of names.entries()) {
    const { account: shown } = await registered(shop, { email: `a${i}@shop.test`, first_name })
    assert.equal(shown.first_name, first_name)
  }
  const answer = await post(shop, { email: 'b@shop.test', address: undefined, phone_number: undefined })
  assert.equal(answer.status, 201)
})

test('what nobody may say of themselves is ignored: id, roles, active', async () => {
  await using shop = await slice(account)
  const id = '01930000-0000-7000-8000-00000000000a'
  const answer = await post(shop, {
    id,
    roles: ['admin'],
    role: 'admin',
    active: true,
    created_at: '2000-01-01T00:00:00Z',
  })
  assert.equal(answer.status, 201)
  const { account: shown } = answer.body as { account: { id: string; active: boolean } }
  assert.notEqual(shown.id, id)
  assert.equal(shown.active, false)
  assert.deepEqual((await rows(shop))[0]?.roles, ['customer'])
})

test('a password is kept as argon2id at 19 MiB, two passes', async () => {
  await using shop = await slice(account)
  await registered(shop)
  const [row] = await rows(shop)
  assert.match(row?.password_hash ?? '', /^\$argon2id\$/)
  const { memoryCost, timeCost, parallelism } = parseOptions(row?.password_hash ?? '')
  assert.deepEqual([memoryCost, timeCost, parallelism], [19_456, 2, 1])
})
