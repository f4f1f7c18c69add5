import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { addressOf } from './url.ts'

test('brokers are named with their ports, which need not be said', () => {
  assert.deepEqual(addressOf('kafka://a:9095,b,[::1]:9096,[fe80::1]/').client, {
    bootstrapBrokers: [
      { host: 'a', port: 9095 },
      { host: 'b', port: 9092 },
      { host: '::1', port: 9096 },
      { host: 'fe80::1', port: 9092 },
    ],
  })
  assert.deepEqual(addressOf('kafkas://a').client, { bootstrapBrokers: [{ host: 'a', port: 9093 }], tls: {} })
})

test('what comes behind the brokers is put before the names of topics and groups', () => {
  assert.equal(addressOf('kafka://a,b').named('order.events'), 'order.events')
  assert.equal(addressOf('kafka://a,b/shop-1').named('order.events'), 'shop-1.order.events')
})

test('a user logs in by SCRAM-SHA-512 unless another mechanism is named', () => {
  const { sasl } = addressOf('kafkas://shop%40home:p%3Aa%2Fss@a').client
  assert.deepEqual(sasl, { mechanism: 'SCRAM-SHA-512', username: 'shop@home', password: 'p:a/ss' })
  assert.deepEqual(addressOf('kafka://u:@a?sasl=plain').client.sasl, {
    mechanism: 'PLAIN',
    username: 'u',
    password: '',
  })
})

test('certificates are read from their files, and only for an encrypted connection', () => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-url-'))
  try {
    const ca = join(dir, 'ca.pem')
    const [known = ''] = rootCertificates
    writeFileSync(ca, known)
    assert.deepEqual(addressOf('kafkas://a', { ca }).client.tls, { ca: Buffer.from(known) })
    assert.equal(addressOf('kafka://a', { ca }).client.tls, undefined)
    assert.throws(() => addressOf('kafkas://a', { key: join(dir, 'none.pem') }), /LOG_KEY.*none\.pem.*ENOENT/)
    writeFileSync(ca, 'nothing of the kind')
    assert.throws(() => addressOf('kafkas://a', { ca }), /LOG_CA/)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

test('another form is refused, and the password is not repeated', () => {
  const form = /must be like kafka:\/\//
  for (const url of ['kafka://', 'amqp://a', 'kafka:a', 'kafka://a?sasl=gssapi', 'kafka://u:secret@', 'kafka://u@a']) {
    assert.throws(
      () => addressOf(url),
      (error: Error) => form.test(error.message) && !error.message.includes('secret'),
      url,
    )
  }
  assert.throws(() => addressOf('kafka://a:b:c'), /names a broker as a:b:c; it must be host:port/)
})
