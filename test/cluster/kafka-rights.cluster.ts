// A Kafka whose clients log in: by SCRAM, by PLAIN, and with no more rights than the guide lists.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import type { Kafka } from './kafka.ts'
import { ownKafka } from './own-broker.ts'

const ACLS = 'org.apache.kafka.tools.AclCommand'
const GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'

/** What the guide says, for topics and groups of one prefix. */
const RIGHTS = ['Create', 'Describe', 'DescribeConfigs', 'Read', 'Write'].flatMap((one) => ['--operation', one])
const GROUP_RIGHTS = ['--operation', 'Read', '--operation', 'Delete']

test('who may log in and has the rights sells, and who lacks one says so', { timeout: 300_000 }, async (t) => {
  await using own = await ownKafka(t, { secure: true })
  if (own === undefined) return
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-rights-'))
  try {
    await sell(own.kafka, await freshDatabase(clusterUrl(), 'argosy_kafka_rights'), scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

const sell = async (kafka: Kafka, databaseUrl: string, scratch: string): Promise<void> => {
  assert.ok(kafka.secrets)
  const { ca: LOG_CA, user, password, stranger, strangerPassword } = kafka.secrets
  const brokers = kafka.url.slice('kafka://'.length)
  const start = (who: string, prefix: string, mechanism: string): Promise<FleetProcess> =>
    FleetProcess.start({
      dataDir: scratch,
      env: { LOG_URL: `kafkas://${who}@${brokers}/${prefix}?sasl=${mechanism}`, LOG_CA, DATABASE_URL: databaseUrl },
    })
  const allow = async (...what: readonly string[]): Promise<void> => {
    const whom = ['--allow-principal', `User:${stranger}`]
    await kafka.tool(ACLS, '--add', ...whom, '--resource-pattern-type', 'prefixed', ...what)
  }
  for (const mechanism of ['scram-sha-256', 'plain']) {
    await using fleet = await start(`${user}:${password}`, 'west', mechanism)
    await assertSells(fleet)
  }
  await allow('--topic', 'west.', '--operation', 'Describe')
  {
    await using fleet = await start(`${stranger}:${strangerPassword}`, 'west', 'plain')
    await eventually('it says that it may not', async () =>
      /lacks a right to a topic; docs\/guide\/kafka\.md lists them/.test(await reasonsOf(fleet.url)),
    )
    await allow('--topic', 'west.', '--operation', 'Read', '--operation', 'Write')
    await eventually('it gets on', async () => (await new Shop(fleet.url).call('GET', '/readyz')).status === 200)
    await assertSells(fleet)
  }
  await allow('--topic', 'east.', ...RIGHTS)
  await allow('--group', 'east.', ...GROUP_RIGHTS)
  await using fleet = await start(`${stranger}:${strangerPassword}`, 'east', 'scram-sha-256')
  await assertSells(fleet)
  await eventually('Kafka is told how far the groups are', async () =>
    /east\.order\.commands/.test(await kafka.tool(GROUPS, '--describe', '--group', 'east.order')),
  )
}

/** Buys one thing and asserts that the purchase completes. */
const assertSells = async (fleet: FleetProcess): Promise<void> => {
  const shop = new Shop(fleet.url)
  const seller = await shop.person('Sam')
  const buyer = await shop.person('Ada')
  const product = await shop.product(seller, await shop.category(seller))
  const bought = await shop.buy(buyer, [[product, 1]])
  assert.equal(bought.status, 201, JSON.stringify(bought.body))
  const end = await shop.end(buyer, bought.body.purchase_id).catch(String)
  assert.equal(end.status, 'completed', `${JSON.stringify(end)}\n${fleet.log}`)
}

const reasonsOf = async (url: string): Promise<string> => {
  const { body } = await new Shop(url).call('GET', '/readyz')
  return JSON.stringify(body)
}
