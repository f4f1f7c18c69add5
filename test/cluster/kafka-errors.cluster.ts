// What a start says, with the fix and in good time, of a Kafka that cannot be used as LOG_URL and the others have it; and what a running
// shop says of one that does not take what it has to say.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../eventually.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import type { Kafka } from './kafka.ts'
import { ownKafka } from './own-broker.ts'

const program = fileURLToPath(new URL('../../apps/argosy/bin/argosy.js', import.meta.url))
const SETTINGS = 'org.apache.kafka.tools.ConfigCommand'

type Env = Readonly<Record<string, string>>

/** What a start says that ends by itself, and with which code. Throws when it does not within 30 s. */
const refusedStart = async (env: Env): Promise<{ readonly line: string; readonly code: number | null }> => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-start-'))
  try {
    const child = spawn(process.execPath, [program, 'start', '--json'], {
      env: { PATH: process.env['PATH'], HOME: scratch, DATA_DIR: scratch, PORT: '0', LOG_LEVEL: 'silent', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 30_000,
    })
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    return {
      line: said
        .split('\n')
        .filter((line) => line.startsWith('✗'))
        .join(),
      code,
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

type Wrong = readonly [name: string, env: Env, line: string, code?: number]

const assertSays = async (env: Env, line: string, code = 1): Promise<void> =>
  assert.deepEqual(await refusedStart(env), { line: `✗ ${line}`, code })

/** Somebody listens and never says a word. */
const silentServer = async (owned: AsyncDisposableStack): Promise<string> => {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  owned.defer(() => void server.close())
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a Kafka without passwords', { timeout: 300_000 }, async (t) => {
  await using own = await ownKafka(t)
  if (own === undefined) return
  await using owned = new AsyncDisposableStack()
  const { kafka } = own
  const brokers = kafka.url.slice('kafka://'.length)
  const silent = await silentServer(owned)
  const wrong: readonly Wrong[] = [
    [
      'nobody listens',
      { LOG_URL: 'kafka://127.0.0.1:1' },
      'Kafka cannot be used at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Fix: start the brokers, or check the hosts and the ports in LOG_URL',
    ],
    [
      'nobody answers',
      { LOG_URL: `kafka://${silent}` },
      `Kafka cannot be used at ${silent}: Kafka did not list its topics within 15000 ms. Fix: start the brokers, or check the hosts and the ports in LOG_URL`,
    ],
    [
      'TLS where there is none',
      { LOG_URL: `kafkas://${brokers}` },
      `Kafka at ${brokers} does not speak TLS. Fix: begin LOG_URL with kafka:`,
    ],
    [
      'a user where nobody is asked',
      { LOG_URL: `kafka://ada:secret@${brokers}` },
      `Kafka at ${brokers} knows no users. Fix: leave user and password out of LOG_URL, or name the port for those who have them`,
    ],
    [
      'more replicas than brokers',
      { LOG_URL: kafka.url, LOG_REPLICAS: '3' },
      'Kafka has not brokers enough to keep 3 replicas of a topic. Fix: start more brokers, or set LOG_REPLICAS to as many as there are',
    ],
    [
      'a database of its own without Kafka',
      { LOG_URL: 'postgres:', MAIL_DATABASE_URL: 'postgres://127.0.0.1/mail' },
      'LOG_URL: MAIL_DATABASE_URL names a database of its own, and messages travel through the database of all. Set LOG_URL to where they get from one to the other, for example LOG_URL=kafka://host:9092.',
      2,
    ],
    [
      'no URL of Kafka',
      { LOG_URL: 'kafka:' },
      'LOG_URL: its value is not a text like kafka://host:9092,host or kafkas://user:password@host:9093,host?sasl=scram-sha-512. Set LOG_URL to a text like kafka://host:9092,host or kafkas://user:password@host:9093,host?sasl=scram-sha-512 (Where messages travel: postgres: through the database, kafka://host:9092,host through Kafka; kafkas:// with TLS, user:password@ with SASL).',
      2,
    ],
  ]
  for (const [name, env, line, code] of wrong) await t.test(name, () => assertSays(env, line, code))

  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_kafka_errors')
  await t.test('a message that the brokers do not take waits until they do', () => tooLarge(kafka, databaseUrl))
  await t.test('a topic with other partitions', () =>
    assertSays(
      { LOG_URL: kafka.url, LOG_PARTITIONS: '8' },
      'the topic account.commands has 4 partitions, not 8. Fix: set LOG_PARTITIONS=4 in all processes; to have more, docs/guide/kafka.md says how',
    ),
  )
})

const tooLarge = async (kafka: Kafka, databaseUrl: string): Promise<void> => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-large-'))
  try {
    await using fleet = await FleetProcess.start({
      dataDir: scratch,
      env: { LOG_URL: kafka.url, DATABASE_URL: databaseUrl },
    })
    const shop = new Shop(fleet.url)
    const seller = await shop.person('Sam')
    const buyer = await shop.person('Ada')
    const product = await shop.product(seller, await shop.category(seller))
    const alter = ['--alter', '--entity-type', 'topics', '--entity-name', 'order.commands']
    await kafka.tool(SETTINGS, ...alter, '--add-config', 'max.message.bytes=100')
    const bought = await shop.buy(buyer, [[product, 1]])
    assert.equal(bought.status, 201, JSON.stringify(bought.body))
    await eventually('the process says why it does not get on', async () => {
      const { status, body } = await shop.call('GET', '/readyz')
      return (
        status === 503 &&
        /messages of order\.commands\/\d do not get to Kafka: a message of order\.commands is larger than the brokers take \([^)]*\)\. Fix: raise max\.message\.bytes of order\.commands/.test(
          JSON.stringify(body),
        )
      )
    })
    const metrics = await (await fetch(`${fleet.url}/metrics`)).text()
    assert.match(metrics, /^argosy_reader_lag_messages\{group="relay"\} [1-9]/m)
    await kafka.tool(SETTINGS, ...alter, '--delete-config', 'max.message.bytes')
    assert.equal((await shop.end(buyer, bought.body.purchase_id, 60_000)).status, 'completed')
    await eventually('it is ready again', async () => (await shop.call('GET', '/readyz')).status === 200)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

test('a Kafka whose clients log in', { timeout: 300_000 }, async (t) => {
  await using own = await ownKafka(t, { secure: true })
  if (own === undefined) return
  const { kafka } = own
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-secure-'))
  try {
    await refusals(t, kafka, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

type SubTests = { readonly test: (name: string, body: () => Promise<void>) => Promise<void> }

const refusals = async (t: SubTests, { url, secrets }: Kafka, scratch: string): Promise<void> => {
  assert.ok(secrets)
  const brokers = url.slice('kafka://'.length)
  const { ca: LOG_CA, user, password, stranger, strangerPassword } = secrets
  const as = (name: string, word: string, query = '?sasl=scram-sha-256') =>
    `kafkas://${name}:${word}@${brokers}${query}`
  const noPem = join(scratch, 'no.pem')
  writeFileSync(noPem, 'no certificate')
  const wrong: readonly Wrong[] = [
    ['no TLS', { LOG_URL: url }, `Kafka at ${brokers} wants TLS. Fix: begin LOG_URL with kafkas:`],
    [
      'a signer that nobody knows',
      { LOG_URL: as(user, password) },
      `nobody known here has signed the certificate of Kafka at ${brokers} (self-signed certificate in certificate chain). Fix: set LOG_CA to the file (PEM) of who has signed it`,
    ],
    [
      'a file that is not there',
      { LOG_URL: as(user, password), LOG_CA: join(scratch, 'none.pem') },
      `LOG_CA: the file ${join(scratch, 'none.pem')} cannot be read (ENOENT). Fix: name one that can`,
    ],
    [
      'a file that is no certificate',
      { LOG_URL: as(user, password), LOG_CA: noPem },
      `LOG_CA: there is no certificate in ${noPem}. Fix: name a file (PEM) with one`,
    ],
    [
      'no user',
      { LOG_URL: `kafkas://${brokers}`, LOG_CA },
      `Kafka at ${brokers} hangs up at once. Fix: put the user and the password that it wants into LOG_URL`,
    ],
    [
      'a wrong password',
      { LOG_URL: as(user, 'wrong'), LOG_CA },
      `Kafka at ${brokers} does not let ${user} in with this password. Fix: check the user and the password in LOG_URL`,
    ],
    [
      'a mechanism that the brokers do not have',
      { LOG_URL: as(user, password, ''), LOG_CA },
      `Kafka at ${brokers} does not take SCRAM-SHA-512 but PLAIN, SCRAM-SHA-256. Fix: end LOG_URL with ?sasl=scram-sha-256`,
    ],
    [
      'somebody without rights',
      { LOG_URL: as(stranger, strangerPassword), LOG_CA },
      'Kafka does not let the user of LOG_URL make or see account.commands and 13 more topics. Fix: give it the rights that docs/guide/kafka.md lists',
    ],
  ]
  for (const [name, env, line, code] of wrong) await t.test(name, () => assertSays(env, line, code))
}
