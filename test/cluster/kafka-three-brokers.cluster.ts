// The whole shop in one process on three brokers: the one that leads a busy topic is killed, and stands still, while people buy.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { eventually } from '../eventually.ts'
import { clusterUrl } from './cluster-url.ts'
import { completedThrough } from './completed-through.ts'
import { untilReady } from './faults-shop.ts'
import { freshDatabase } from './fresh-database.ts'
import type { Kafka } from './kafka.ts'
import { assertLaws } from './law-check.ts'
import { ownKafka } from './own-broker.ts'
import { open } from './scenario.ts'

/** Every purchase asks for stock. */
const BUSY = 'inventory.commands'

/** Ms in which others lead and a purchase ends again, and for which the broker stays away after that. */
const RECOVERS = 30_000
const STAYS_AWAY = 5_000
const READY = 30_000

test('three brokers', { timeout: 400_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const own = owned.use(await ownKafka(t, { count: 3 }))
  if (own === undefined) return
  const { kafka } = own
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-kafka-three-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_three_brokers')
  const env = { DATABASE_URL: databaseUrl, LOG_URL: kafka.url, LOG_REPLICAS: '3' }
  const fleet = owned.use(await FleetProcess.start({ dataDir, env }))
  const actors = await open({ url: fleet.url, mailTo: () => [], accepted: [] })
  await t.test('each message is kept three times, and taken once two brokers have it', async () => {
    const described = await kafka.tool('org.apache.kafka.tools.TopicCommand', '--describe', '--topic', BUSY)
    assert.match(described, /ReplicationFactor: 3\b.*min\.insync\.replicas=2\b/)
  })

  /** While a broker is away, purchases still end. */
  const goesOn = async (part: TestContext): Promise<void> => {
    const since = performance.now()
    const { shop, buyer, product, accepted } = actors
    const { status, body } = await shop.buy(buyer, [[product, 1]])
    assert.equal(status, 201, JSON.stringify(body))
    accepted.push(body.purchase_id)
    assert.equal((await shop.end(buyer, body.purchase_id, RECOVERS)).status, 'completed')
    part.diagnostic(`a purchase took ${Math.round(performance.now() - since)} ms`)
  }
  const sale = { actors, databaseUrl, perSecond: 10 }
  await t.test('the leader of a busy topic is killed', (killing) =>
    completedThrough(sale, async () => {
      await sleep(2_000)
      const leader = await leaderOf(kafka)
      await kafka.kill(leader)
      try {
        await goesOn(killing)
        await sleep(STAYS_AWAY)
      } finally {
        await kafka.run(leader)
      }
    }),
  )
  await untilReady(fleet.url, READY)
  await t.test('the leader of a busy topic stands still', (freezing) =>
    completedThrough(sale, async () => {
      const leader = await leaderOf(kafka)
      kafka.freeze(leader)
      try {
        await goesOn(freezing)
        await sleep(STAYS_AWAY)
      } finally {
        kafka.thaw(leader)
      }
      await sleep(STAYS_AWAY)
    }),
  )
  await untilReady(fleet.url, READY)
  await t.test('the laws hold', () => assertLaws(databaseUrl, actors.accepted))
})

const leaderOf = async (kafka: Kafka): Promise<number> => {
  let leader = -1
  await eventually(`${BUSY} has a leader`, async () => (leader = await kafka.leaderOf(BUSY)) >= 0)
  return leader
}
