import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PermanentFailure } from '@kit/jobs/job'
import type { SMTPServerOptions } from 'smtp-server'
import { composer } from '../compose.ts'
import type { Addressed } from '../letter.ts'
import { linksTo } from '../links.ts'
import { UnknownAddress } from '../mailer.ts'
import { startServer } from '../test-smtp-server.ts'
import { smtp } from './smtp.ts'

const id = '01930000-0000-7000-8000-000000000001'
const from = { name: 'Harbour & Co', address: 'no-reply@harbour.test' }
const links = linksTo(() => 'https://harbour.test', 'a secret')
const compose = composer({ name: 'Harbour & Co', support: 'help@harbour.test', links })
const at = new Date('2026-11-21T10:00:00Z')
const never = new AbortController().signal

const welcome = (email: string, first_name = 'Ada'): Addressed => ({
  account_id: id,
  to: { email, first_name },
  letter: { template: 'welcome', account_id: id },
})
const reminder: Addressed = {
  ...welcome('ada@shop.test'),
  letter: {
    template: 'payment-reminder',
    purchase_id: id,
    number: 2,
    lines: [],
    amount: 1,
    currency_code: 'USD',
    expires_at: '2026-11-21T20:00:00Z',
  },
}

const open = async (options: SMTPServerOptions = {}, timeout = 5_000) => {
  const server = await startServer(options)
  const mailer = smtp(server.url, { from, compose, timeout })
  return {
    ...server,
    mailer,
    send: (letter: Addressed, signal = never) => mailer.send(letter, signal, at),
    [Symbol.asyncDispose]: async () => {
      await mailer[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const headersOf = (source: string): string => source.slice(0, source.indexOf('\r\n\r\n')).replaceAll(/\r\n\s+/g, ' ')
const worthAnotherTry = (error: unknown): boolean => !(error instanceof PermanentFailure)

test('a letter arrives with both parts, and its Message-ID comes from its dedupe key', async () => {
  await using post = await open()
  await post.send(welcome('ada@shop.test'))
  const [mail] = post.received
  assert.ok(mail)
  assert.deepEqual(mail.recipients, ['ada@shop.test'])
  assert.match(mail.source, /^Message-ID: <welcome\.01930000-0000-7000-8000-000000000001@harbour\.test>\r$/m)
  assert.match(mail.source, /^From: "?Harbour & Co"? <no-reply@harbour\.test>\r$/m)
  assert.match(mail.source, /^Date: Sat, 21 Nov 2026 10:00:00 \+0000\r$/m)
  assert.match(mail.source, /^Auto-Submitted: auto-generated\r$/m)
  assert.match(mail.source, /^Content-Type: text\/plain/m)
  assert.match(mail.source, /^Content-Type: text\/html/m)
})

test('a letter sent again has the same Message-ID, over the same connection', async () => {
  await using post = await open()
  for (const _ of [1, 2, 3]) await post.send(reminder)
  // On the header's own line, which is longer than lines of mail usually are.
  for (const { source } of post.received) {
    assert.ok(source.includes(`\r\nMessage-ID: <payment-reminder.${id}.2@harbour.test>\r\n`), source)
    assert.match(source, /^List-Unsubscribe: <https:\/\/harbour\.test\/unsubscribe\/[^\s>]+>\r$/m)
  }
  assert.equal(post.received.length, 3)
  assert.equal(post.connections(), 1)
})

test('a reminder can be refused by one click, what tells of a fact cannot', async () => {
  await using post = await open()
  await post.send(reminder)
  await post.send(welcome('ada@shop.test'))
  const [asked = '', told = ''] = post.received.map(({ source }) => headersOf(source))
  assert.match(asked, new RegExp(`^List-Unsubscribe: <https://harbour\\.test/unsubscribe/${id}\\.[\\w-]{43}>$`, 'm'))
  assert.match(asked, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
  assert.doesNotMatch(told, /unsubscribe/i)
})

test('a name with line breaks adds no header and no recipient', async () => {
  await using post = await open()
  await post.send(welcome('ada@shop.test', 'Ada\r\nBcc: victim@shop.test\r\n\r\nhello'))
  const [mail] = post.received
  assert.ok(mail)
  assert.deepEqual(mail.recipients, ['ada@shop.test'])
  assert.doesNotMatch(headersOf(mail.source), /Bcc|victim/)
})

test('a server that says no for ever is a permanent failure', async () => {
  await using post = await open()
  for (const mood of [
    { rcpt: '550 5.7.1 we do not like you' },
    { data: '554 5.6.0 nor what you write' },
    { rcpt: '554 5.7.1 Client host [203.5.1.10] blocked' },
    { rcpt: '550 Verification failed for <no-reply@harbour.test> Response: 550 5.1.1 no such user' },
  ]) {
    Object.assign(post.mood, { rcpt: undefined, data: undefined }, mood)
    await assert.rejects(post.send(welcome('ada@shop.test')), (error) => {
      assert.ok(error instanceof PermanentFailure && !(error instanceof UnknownAddress), String(error))
      return error.message.endsWith(mood.rcpt ?? mood.data)
    })
  }
})

test('an address that does not exist is told from a letter that is not liked', async () => {
  await using post = await open()
  for (const rcpt of ['550 5.1.1 no such user', '556 5.1.10 the domain takes no mail']) {
    post.mood.rcpt = rcpt
    await assert.rejects(post.send(welcome('gone@shop.test')), UnknownAddress)
  }
})

test('a server that is busy, or not there, is worth another try', async () => {
  await using post = await open()
  for (const mood of [{ rcpt: '451 4.7.1 later' }, { data: '452 4.2.2 full' }, { data: '421 4.3.2 going down' }]) {
    Object.assign(post.mood, { rcpt: undefined, data: undefined }, mood)
    await assert.rejects(post.send(welcome('ada@shop.test')), worthAnotherTry)
  }
  const gone = await startServer()
  await gone[Symbol.asyncDispose]()
  await using nobody = smtp(gone.url, { from, compose, timeout: 1_000 })
  await assert.rejects(nobody.send(welcome('ada@shop.test'), never, at), worthAnotherTry)
})

test('a wrong password, or none, is about us and not about the letter: it is tried again', async () => {
  const refused = (code: number) => Object.assign(new Error('no'), { responseCode: code })
  await using post = await open({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(refused(535)),
  })
  await assert.rejects(post.send(welcome('ada@shop.test')), worthAnotherTry)
  const url = new URL(post.url)
  url.username = 'shop'
  url.password = 'wrong'
  await using mailer = smtp(url, { from, compose, timeout: 1_000 })
  await assert.rejects(mailer.send(welcome('ada@shop.test'), never, at), worthAnotherTry)
})

test('a server that hangs after the message is given up after its time, and the letter is worth another try', async () => {
  await using post = await open({}, 200)
  post.mood.data = 'hang'
  await assert.rejects(post.send(welcome('ada@shop.test')), worthAnotherTry)
})

test('a server that hangs up after DATA has the letter once: only the job tries again', async () => {
  await using post = await open()
  post.mood.data = 'drop'
  await assert.rejects(post.send(welcome('ada@shop.test')), worthAnotherTry)
  post.mood.data = undefined
  await post.send(welcome('bob@shop.test'))
  assert.deepEqual(
    post.received.map(({ recipients }) => recipients[0]),
    ['ada@shop.test', 'bob@shop.test'],
  )
})

test('a try that is called off cuts its connection', async () => {
  await using post = await open()
  post.mood.data = 'hang'
  const calledOff = new AbortController()
  const arrived = post.message()
  const sent = assert.rejects(post.send(welcome('ada@shop.test'), calledOff.signal), worthAnotherTry)
  await arrived
  calledOff.abort()
  await sent
})

test('at the end, what is nearly there arrives and what hangs is given back', async () => {
  await using post = await open({}, 30_000)
  await post.send(welcome('ada@shop.test'))
  post.mood.data = 'hang'
  const arrived = post.message()
  const hanging = assert.rejects(post.send(welcome('eve@shop.test')), worthAnotherTry)
  await arrived
  post.mood.data = undefined
  post.mailer.wrapUp(300)
  await post.send(welcome('bob@shop.test'))
  await hanging
  assert.deepEqual(
    post.received.map(({ recipients }) => recipients[0]),
    ['ada@shop.test', 'bob@shop.test'],
  )
})
