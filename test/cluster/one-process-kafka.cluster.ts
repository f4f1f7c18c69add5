// The whole shop in one process, its messages by way of Kafka, which is away for a while, comes back empty, and stands still.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClient } from '@kit/postgres/connection/client'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { eventually } from '../eventually.ts'
import { ABSENCE } from './absence.ts'
import { clusterUrl } from './cluster-url.ts'
import { completedThrough } from './completed-through.ts'
import { readiness, untilReady } from './faults-shop.ts'
import { freshDatabase } from './fresh-database.ts'
import type { Kafka } from './kafka.ts'
import { assertLaws } from './law-check.ts'
import { ownKafka } from './own-broker.ts'
import { haste, open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'

/** Ms within which it is told that messages do not get to Kafka, and for which the broker stands still. */
const TOLD = 15_000
const FROZEN = 20_000
const READY = 30_000

test('one process on Kafka', { timeout: 480_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const own = owned.use(await ownKafka(t))
  if (own === undefined) return
  const { kafka } = own
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-kafka-one-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_one_kafka')
  const mail = owned.use(await startMailServer())
  const env = { DATABASE_URL: databaseUrl, SMTP_URL: mail.url, LOG_URL: kafka.url, ...haste }
  const fleet = owned.use(await FleetProcess.start({ dataDir, env }))
  const actors = await open({ url: fleet.url, mailTo: mail.to, accepted: [] })
  for (const [name, play] of scenes) await t.test(name, () => play(actors))

  const sale = { actors, databaseUrl, perSecond: 2 }
  await t.test(`without its broker for ${ABSENCE} ms it accepts purchases, and says what is wrong`, async () => {
    await completedThrough(sale, async () => {
      await kafka.kill()
      const until = performance.now() + ABSENCE
      await eventually('it says so', () => tellsOfIt(fleet.url), TOLD)
      await sleep(until - performance.now())
      assert.ok(await tellsOfIt(fleet.url), 'it still says so')
      await kafka.run()
    })
    await untilReady(fleet.url, READY)
  })
  await t.test('brokers that come back empty get all that the outbox has once more', async () => {
    const written = await inOutbox(databaseUrl)
    await completedThrough(sale, async () => {
      await kafka.kill()
      await sleep(5_000)
      await kafka.wipe()
    })
    await untilReady(fleet.url, READY)
    assert.match(fleet.log, /what the brokers had kept in them is gone/)
    assert.match(fleet.log, /all that was ever sent is sent again/)
    assert.ok((await inKafka(kafka)) >= written, `${written} messages are in Kafka again`)
  })
  await t.test(`a broker that stands still for ${FROZEN} ms`, async () => {
    await completedThrough(sale, async () => {
      kafka.freeze()
      const until = performance.now() + FROZEN
      await eventually('it says so', () => tellsOfIt(fleet.url), TOLD)
      await sleep(until - performance.now())
      kafka.thaw()
    })
    await untilReady(fleet.url, READY)
  })
  await t.test('the laws hold', () => assertLaws(databaseUrl, actors.accepted))
})

/** Whether readiness and the metric both tell that messages wait for Kafka. */
const tellsOfIt = async (url: string): Promise<boolean> => {
  const { status, text } = await readiness(url)
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const waiting = Number(/^argosy_reader_lag_messages\{group="relay"\} (\d+)/m.exec(metrics)?.[1] ?? 0)
  return status === 503 && text.includes('Kafka') && waiting > 0
}

const inOutbox = async (url: string): Promise<number> => {
  await using client = await openClient({ url, name: 'messages in the outbox' })
  const { rows } = await client.query<{ n: string }>('select sum(size) as n from log.outbox')
  return Number(rows[0]?.n)
}

const inKafka = async (kafka: Kafka): Promise<number> => {
  const told = await kafka.tool('org.apache.kafka.tools.GetOffsetShell', '--topic', String.raw`.*\.(commands|events)`)
  // `topic:partition:offset`
  return told
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.split(':')[2]), 0)
}
