import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '@kit/postgres/database'
import { scratchDatabase } from '@kit/migrations/template'
import { schemasOf } from '@kit/service/schemas'
import { testServer } from '@kit/embedded-postgres/test-server'
import { ProviderRefusal } from '../provider.ts'
import type { Provider } from '../provider.ts'
import { payment } from '../service.ts'
import { purchase, statement } from '../test-payments.ts'
import { CARDS } from './cards.ts'
import { openSandbox, SandboxError } from './sandbox.ts'

const never = new AbortController().signal
const one = purchase(1)
const dollars = { reference: one, amount: 2500, currency_code: 'USD' }

const open = async () => {
  const owned = new AsyncDisposableStack()
  const scratch = owned.use(await scratchDatabase({ url: await testServer(), schemas: schemasOf([payment]) }))
  const books = owned.use(openDatabase({ url: scratch.url, service: 'sandbox' }))
  const service = owned.use(openDatabase({ url: scratch.url, service: 'payment' }))
  return { sandbox: openSandbox(books), books, service, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const authorized = async (sandbox: Provider, card_token = 'tok_approve', key = `${one}/authorize`): Promise<string> => {
  const outcome = await sandbox.authorize({ ...dollars, key, card_token }, never)
  assert.equal(outcome.is, 'authorized')
  return outcome.is === 'authorized' ? outcome.authorization : ''
}

const count = statement<{ n: number }>('select count(*) as n from ledger')

test('the same key has the same result, one after the other and at once', async () => {
  await using bank = await open()
  const ask = () => authorized(bank.sandbox)
  const first = await ask()
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [first, first, first])
  assert.deepEqual(await bank.books.query(count), [{ n: 1 }])
  const held = { ...dollars, key: `${one}/capture`, authorization: first }
  const captures = await Promise.all([bank.sandbox.capture(held, never), bank.sandbox.capture(held, never)])
  assert.deepEqual(captures, [{ is: 'captured' }, { is: 'captured' }])
  assert.deepEqual(await bank.books.query(count), [{ n: 2 }])
})

test('another key is another authorization, but never another capture of the same', async () => {
  await using bank = await open()
  const first = await authorized(bank.sandbox)
  assert.notEqual(await authorized(bank.sandbox, 'tok_approve', 'another key'), first)
  const capture = (key: string) => bank.sandbox.capture({ ...dollars, key, authorization: first }, never)
  assert.deepEqual(await capture('c1'), { is: 'captured' })
  assert.deepEqual(await capture('c2'), { is: 'uncaptured', reason: 'captured-before' })
})

test('a used key with another amount is an error', async () => {
  await using bank = await open()
  await authorized(bank.sandbox)
  const other = bank.sandbox.authorize({ ...dollars, amount: 1, key: `${one}/authorize` }, never)
  await assert.rejects(other, ProviderRefusal)
})

test('what is voided cannot be captured, what is captured cannot be voided, what is neither cannot be refunded', async () => {
  await using bank = await open()
  const { sandbox } = bank
  const [a, b, c] = [
    await authorized(sandbox, 'tok_approve', 'a'),
    await authorized(sandbox, 'tok_approve', 'b'),
    'none',
  ]
  assert.deepEqual(await sandbox.void({ ...dollars, key: 'a/void', authorization: a }, never), { is: 'voided' })
  assert.deepEqual(await sandbox.capture({ ...dollars, key: 'a/capture', authorization: a }, never), {
    is: 'uncaptured',
    reason: 'voided',
  })
  await sandbox.capture({ ...dollars, key: 'b/capture', authorization: b }, never)
  await assert.rejects(sandbox.void({ ...dollars, key: 'b/void', authorization: b }, never), ProviderRefusal)
  await assert.rejects(sandbox.refund({ ...dollars, key: 'a/refund', authorization: a }, never), ProviderRefusal)
  assert.deepEqual(await sandbox.capture({ ...dollars, key: 'c', authorization: c }, never), {
    is: 'uncaptured',
    reason: 'not-authorized',
  })
  const more = sandbox.capture(
    { ...dollars, amount: 2501, key: 'd/capture', authorization: await authorized(sandbox, 'tok_approve', 'd') },
    never,
  )
  assert.deepEqual(await more, { is: 'uncaptured', reason: 'other-amount' })
})

test('money that is held for one payment is neither captured, voided nor refunded for another', async () => {
  await using bank = await open()
  const { sandbox } = bank
  const authorization = await authorized(sandbox)
  const held = (key: string, reference: string) => ({ ...dollars, reference, key, authorization })
  const other = purchase(2)
  const capture = (key: string, reference: string) => sandbox.capture(held(key, reference), never)
  assert.deepEqual(await capture('c1', other), { is: 'uncaptured', reason: 'not-authorized' })
  await assert.rejects(sandbox.void(held('v', other), never), ProviderRefusal)
  assert.deepEqual(await capture('c2', one), { is: 'captured' })
  assert.deepEqual(await capture('c2', other), { is: 'uncaptured', reason: 'not-authorized' })
  await assert.rejects(sandbox.refund(held('r', other), never), ProviderRefusal)
  assert.deepEqual(await bank.books.query(count), [{ n: 2 }])
})

test('a call can be found by its key, and what was not done is not found', async () => {
  await using bank = await open()
  const { sandbox } = bank
  const call = { operation: 'authorize', ...dollars, key: `${one}/authorize`, card_token: 'tok_decline' } as const
  assert.equal(await sandbox.find(call, never), undefined)
  await sandbox.authorize(call, never)
  assert.deepEqual(await sandbox.find(call, never), { is: 'declined', reason: 'card-declined' })
  const authorization = await authorized(sandbox, 'tok_approve', 'other')
  const capture = { operation: 'capture', ...dollars, key: 'other/capture', authorization } as const
  assert.equal(await sandbox.find(capture, never), undefined)
  await sandbox.capture(capture, never)
  assert.deepEqual(await sandbox.find(capture, never), { is: 'captured' })
})

test('cards do what their table says', async () => {
  await using bank = await open()
  const ask = (token: string, signal = never) =>
    bank.sandbox.authorize({ ...dollars, key: token, card_token: token }, signal)
  await assert.rejects(ask('tok_error_after_success'), SandboxError)
  await assert.rejects(ask('tok_error_twice'), SandboxError)
  await assert.rejects(ask('tok_error_twice'), SandboxError)
  assert.equal((await ask('tok_error_twice')).is, 'authorized')
  await assert.rejects(ask('tok_timeout_after_success', AbortSignal.timeout(10)), { name: 'TimeoutError' })
  await assert.rejects(ask('tok_slow', AbortSignal.timeout(10)), { name: 'AbortError' })
  assert.deepEqual(await ask('tok_expired'), { is: 'declined', reason: 'expired-card' })
})

test('card numbers are valid by their check digit, and only these have a token', async () => {
  await using bank = await open()
  for (const { number, token } of CARDS) {
    assert.equal(luhn(number), 0, number)
    assert.equal(bank.sandbox.tokenize(number), token)
  }
  assert.equal(bank.sandbox.tokenize('4242 4242 4242 4242'), 'tok_approve')
  for (const number of ['4242424242424241', '', '0', '4111111111111111', '__proto__']) {
    assert.equal(bank.sandbox.tokenize(number), undefined)
  }
})

test('the books are only ever added to, and the payment service cannot read them', async () => {
  await using bank = await open()
  await authorized(bank.sandbox)
  for (const text of ['update ledger set amount = 1', 'delete from ledger', 'truncate ledger', 'delete from failure']) {
    await assert.rejects(bank.books.query(statement(text)), /permission denied/, text)
  }
  for (const text of ['select * from sandbox.ledger', "insert into sandbox.failure values ('k', 1)"]) {
    await assert.rejects(bank.service.query(statement(text)), /permission denied/, text)
  }
})

/** 0 for a number with the right check digit (ISO/IEC 7812-1). */
const luhn = (number: string): number =>
  Array.from(number)
    .toReversed()
    .reduce((sum, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 1 : 2)
      return sum + (value > 9 ? value - 9 : value)
    }, 0) % 10

test('a capture goes back in parts, never more than it was, and each key once', async () => {
  await using bank = await open()
  const { sandbox } = bank
  const authorization = await authorized(sandbox)
  const refund = (key: string, amount: number) => sandbox.refund({ ...dollars, key, amount, authorization }, never)
  await assert.rejects(refund('r0', 1), ProviderRefusal)
  await sandbox.capture({ ...dollars, key: 'capture', authorization }, never)
  const done = { is: 'refunded' }
  assert.deepEqual(await refund('r1', 1000), done)
  assert.deepEqual(await refund('r1', 1000), done)
  await assert.rejects(refund('r1', 999), ProviderRefusal)
  await assert.rejects(refund('r2', 1501), ProviderRefusal)
  // At once: each either goes through or is to be asked again, and together they are never too much.
  await Promise.allSettled(Array.from({ length: 8 }, (_, n) => refund(`r${n + 3}`, 500)))
  const total = statement<{ sum: number }>("select sum(amount)::bigint as sum from ledger where kind = 'refunded'")
  for (let n = 0; n < 8; n++) await refund(`r${n + 3}`, 500).catch(() => undefined)
  assert.deepEqual(await bank.books.query(total), [{ sum: 2500 }])
  assert.deepEqual(
    await sandbox.find({ operation: 'refund', ...dollars, key: 'r1', amount: 1000, authorization }, never),
    done,
  )
})

test('a transfer is money that is held, and can be captured once', async () => {
  await using bank = await open()
  const { sandbox } = bank
  const sent = await sandbox.transfer('t1', dollars)
  assert.deepEqual(await sandbox.transfer('t1', dollars), sent)
  const { authorization } = sent.data
  assert.deepEqual(sent, { type: 'payment.authorized', data: { ...dollars, authorization } })
  assert.deepEqual(await sandbox.capture({ ...dollars, key: 'c', authorization }, never), { is: 'captured' })
  assert.deepEqual(await bank.books.query(count), [{ n: 2 }])
  const byCard = await sandbox.authorize({ ...dollars, key: 'x', card_token: 'transfer' }, never)
  assert.deepEqual(byCard, { is: 'declined', reason: 'unknown-card' })
})
