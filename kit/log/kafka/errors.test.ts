import assert from 'node:assert/strict'
import { lookup } from 'node:dns/promises'
import { test } from 'node:test'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { publicReasonIn } from './errors.ts'

test('what anybody may read of a reason names no host', async () => {
  const unknown: unknown = await lookup('one.brokers.invalid').catch((error: unknown) => error)
  const other = checkServerIdentity('one.brokers.invalid', { subjectaltname: 'DNS:two' } as PeerCertificate)
  const refused = new Error('connect ECONNREFUSED 10.0.0.7:9092')
  for (const [error, said] of [
    [unknown, /^getaddrinfo (ENOTFOUND|EAI_AGAIN) a broker$/],
    [other, /^the certificate of a broker is one for other hosts$/],
    [refused, /^connect ECONNREFUSED a broker$/],
  ] as const) {
    assert.match(publicReasonIn(error), said)
    assert.match(publicReasonIn(new Error('Connection to one:9092 failed.', { cause: error })), said)
  }
})
