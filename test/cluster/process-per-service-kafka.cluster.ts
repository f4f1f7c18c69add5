// A process per service on one database, their messages by way of Kafka: the scenes, processes killed under load, two of one service.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { kafkaUrl } from './kafka-url.ts'
import { killUnderLoad, shareThePartitions } from './killed-processes.ts'
import { assertLaws } from './law-check.ts'
import { ProcessFleet } from './process-fleet.ts'
import { haste, open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'
import { loadOn } from './under-load.ts'

test('a process per service on Kafka', { timeout: 480_000 }, async (t) => {
  const url = kafkaUrl()
  if (url === undefined) return t.skip('no Kafka')
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-kafka-many-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_many_kafka')
  const mail = owned.use(await startMailServer())
  const env = { SMTP_URL: mail.url, LOG_URL: `${url}/many`, ...haste }
  const fleet = owned.use(await ProcessFleet.start({ dir, databaseUrl, env }))
  const actors = await open({ url: fleet.url, mailTo: mail.to, accepted: [] })
  for (const [name, play] of scenes) await t.test(name, () => play(actors))
  await t.test('the laws hold', () => assertLaws(databaseUrl, actors.accepted))

  const ground = { t, fleet, actors, underLoad: loadOn(actors, databaseUrl), databaseOf: () => databaseUrl }
  await killUnderLoad(ground)
  await shareThePartitions(ground)
})
