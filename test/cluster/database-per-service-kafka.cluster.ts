// Each service on a database of its own, their messages by way of Kafka: as a process per service, and as one process with seven databases.
import { databaseVariableOf, serviceNames, type ServiceName } from '@argosy/contracts/services'
import { openClient } from '@kit/postgres/connection/client'
import { roleOf } from '@kit/postgres/role'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { FleetProcess, NotReady } from '../fleet/fleet-process.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { kafkaUrl } from './kafka-url.ts'
import { killUnderLoad } from './killed-processes.ts'
import { assertLaws } from './law-check.ts'
import { ProcessFleet } from './process-fleet.ts'
import { haste, open, scenes, type Actors } from './scenario.ts'
import { shownTogether } from './shown-together.ts'
import { startMailServer } from './smtp-server.ts'
import { loadOn } from './under-load.ts'

type Databases = ReadonlyMap<string, string>

test('a database per service', { timeout: 540_000 }, async (t) => {
  const url = kafkaUrl()
  if (url === undefined) return t.skip('no Kafka')
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-apart-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const mail = owned.use(await startMailServer())
  const envOf = (name: string, databases: Databases): Readonly<Record<string, string>> => ({
    SMTP_URL: mail.url,
    LOG_URL: `${url}/${name}`,
    ...haste,
    ...variablesOf(databases),
  })

  await t.test('a process for each', async (each) => {
    const databases = await makeDatabases('each')
    await using fleet = await ProcessFleet.start({ dir, env: envOf('each', databases) })
    const { actors, booksUrl } = await play(each, { url: fleet.url, mailTo: mail.to, name: 'each', databases })
    await each.test('no service can read the database of another', () => assertApart(databases))
    const databaseOf = (service: ServiceName): string => databases.get(service) ?? ''
    const underLoad = loadOn(actors, booksUrl)
    await killUnderLoad({ t: each, fleet, actors, underLoad, databaseOf }, [['inventory', 'purchase']])
  })
  await t.test('one process for all', async (all) => {
    const databases = await makeDatabases('all')
    await using fleet = await FleetProcess.start({ dataDir: dir, env: envOf('all', databases) })
    await play(all, { url: fleet.url, mailTo: mail.to, name: 'all', databases })
  })
  await t.test('without Kafka it does not start, and one line says why', async () => {
    const databases = await makeDatabases('none')
    const start = FleetProcess.start({ dataDir: dir, env: variablesOf(databases) })
    await assert.rejects(start, (error) => {
      assert.ok(error instanceof NotReady)
      const [, ...lines] = error.message.trim().split('\n')
      assert.match(lines.join('\n'), /^.*_DATABASE_URL names a database of its own.* for example LOG_URL=kafka:.*$/)
      return true
    })
  })
})

/** An empty database for each service. */
const makeDatabases = async (name: string): Promise<Databases> => {
  const databases = new Map<string, string>()
  for (const service of serviceNames) {
    databases.set(service, await freshDatabase(clusterUrl(), `argosy_${name}_${service}`))
  }
  return databases
}

const variablesOf = (databases: Databases): Readonly<Record<string, string>> =>
  Object.fromEntries(serviceNames.map((service) => [databaseVariableOf(service), databases.get(service) ?? '']))

type Stage = {
  readonly url: string
  readonly mailTo: (address: string) => readonly string[]
  readonly name: string
  readonly databases: Databases
}

/** All scenes, and then the laws over all databases. */
const play = async (
  t: TestContext,
  { url, mailTo, name, databases }: Stage,
): Promise<{ readonly actors: Actors; readonly booksUrl: string }> => {
  const actors = await open({ url, mailTo, accepted: [] })
  for (const [scene, playScene] of scenes) await t.test(scene, () => playScene(actors))
  const booksUrl = await shownTogether(clusterUrl(), `argosy_${name}_books`, [...databases.values()])
  await t.test('the laws hold', () => assertLaws(booksUrl, actors.accepted))
  return { actors, booksUrl }
}

const TABLES = `
  select format('%I.%I', schemaname, tablename) as "table" from pg_tables
   where schemaname not in ('pg_catalog', 'information_schema')`

/** A service's role reads its own database, and no table of the others. */
const assertApart = async (databases: Databases): Promise<void> => {
  for (const [owner, url] of databases) {
    await using client = await openClient({ url, name: 'apart' })
    const { rows } = await client.query<{ table: string }>(TABLES)
    assert.ok(rows.length > 5, owner)
    for (const service of serviceNames) {
      await client.query(`set role ${roleOf(service)}`)
      if (service === owner) await client.query(`select from "${owner}".job limit 1`)
      else for (const { table } of rows) await assert.rejects(client.query(`select from ${table}`), { code: '42501' })
    }
  }
}
