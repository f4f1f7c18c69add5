import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { HopelessJob } from '@kit/jobs/job'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { composer } from '../compose.ts'
import type { Addressed } from '../letter.ts'
import { smtp } from './smtp.ts'

const id = '01930000-0000-7000-8000-000000000001'
const from = { name: 'Harbour & Co', address: 'no-reply@harbour.test' }
const compose = composer({ store: 'Harbour & Co', support: 'help@harbour.test' })
const welcome = (email: string, first_name = 'Ada'): Addressed => ({
  account_id: id,
  to: { email, first_name },
  letter: { template: 'welcome', account_id: id },
})

/** A real SMTP server in this process that keeps what it accepts. */
const startServer = async (options: SMTPServerOptions = {}) => {
  const received: { readonly recipients: readonly string[]; readonly source: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      let source = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (source += chunk))
      stream.on('end', () => {
        received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), source })
        done()
      })
    },
    ...options,
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    url: new URL(`smtp://127.0.0.1:${address.port}`),
    received,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

const smtpError = (responseCode: number) => Object.assign(new Error('no'), { responseCode })

test('a letter arrives with both parts, and its Message-ID comes from its dedupe key', async () => {
  await using server = await startServer()
  await using mailer = smtp(server.url, from, compose)
  await mailer.send(welcome('ada@shop.test'))
  const [mail] = server.received
  assert.ok(mail)
  assert.deepEqual(mail.recipients, ['ada@shop.test'])
  assert.match(mail.source, /^Message-ID: <welcome\.01930000-0000-7000-8000-000000000001@harbour\.test>\r$/m)
  assert.match(mail.source, /^From: "?Harbour & Co"? <no-reply@harbour\.test>\r$/m)
  assert.match(mail.source, /^Content-Type: text\/plain/m)
  assert.match(mail.source, /^Content-Type: text\/html/m)
})

test('a letter sent again has the same Message-ID', async () => {
  await using server = await startServer()
  await using mailer = smtp(server.url, from, compose)
  await mailer.send(welcome('ada@shop.test'))
  await mailer.send(welcome('ada@shop.test'))
  const ids = server.received.map(({ source }) => /^Message-ID: (.*)\r$/m.exec(source)?.[1])
  assert.equal(ids.length, 2)
  assert.equal(ids[0], ids[1])
})

test('a name with line breaks adds no header and no recipient', async () => {
  await using server = await startServer()
  await using mailer = smtp(server.url, from, compose)
  await mailer.send(welcome('ada@shop.test', 'Ada\r\nBcc: victim@shop.test\r\n\r\nhello'))
  const [mail] = server.received
  assert.ok(mail)
  assert.deepEqual(mail.recipients, ['ada@shop.test'])
  assert.doesNotMatch(mail.source.slice(0, mail.source.indexOf('\r\n\r\n')), /Bcc|victim/)
})

test('a server that says no for ever makes the job hopeless', async () => {
  await using server = await startServer({ onRcptTo: (_address, _session, done) => done(smtpError(550)) })
  await using mailer = smtp(server.url, from, compose)
  await assert.rejects(mailer.send(welcome('gone@shop.test')), HopelessJob)
})

test('a server that is busy, or not there, is worth another try', async () => {
  await using server = await startServer({ onRcptTo: (_address, _session, done) => done(smtpError(451)) })
  await using busy = smtp(server.url, from, compose)
  await assert.rejects(busy.send(welcome('ada@shop.test')), (error) => !(error instanceof HopelessJob))

  const gone = await startServer()
  await gone[Symbol.asyncDispose]()
  await using nobody = smtp(gone.url, from, compose)
  await assert.rejects(nobody.send(welcome('ada@shop.test')), (error) => !(error instanceof HopelessJob))
})

test('a wrong password is about us, not about the letter: it is tried again', async () => {
  await using server = await startServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(smtpError(535)),
  })
  const url = new URL(server.url)
  url.username = 'shop'
  url.password = 'wrong'
  await using mailer = smtp(url, from, compose)
  await assert.rejects(mailer.send(welcome('ada@shop.test')), (error) => !(error instanceof HopelessJob))
})
