import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Schema } from '@kit/migrations/schema'
import { systemPlatform } from '@kit/platform/system'
import { FIRST_ANSWER } from '@kit/postgres/connection/client'
import { roleOf } from '@kit/postgres/role'
import { PoolerBetween } from '@kit/postgres/connection/pooler-between'
import { refusePooler } from '@kit/postgres/pooler'
import { openSession, type Session } from '@kit/postgres/session'
import { sql, type Statement } from '@kit/postgres/statement'
import { schemasOf } from '@kit/service/schemas'
import { explain } from '../command-line/explain.ts'
import { services as all } from '../fleet.ts'
import { serverUrl } from '../open-tables.ts'
import { databasesOf, readSettings, type NamedDatabase } from '../settings.ts'
import type { Check, Finding } from './check.ts'
import { durability, type Durability } from './durability.ts'
import { rights, type Rights } from './rights.ts'
import { tables } from './tables.ts'
import { replication, type Replica } from './replication.ts'

const name = 'database'
const OLDEST = 15
const TOLERATED_SKEW = 5_000

type Server = Durability & {
  readonly version: number
  readonly now: Date
} & Rights

const lookAtServer = sql<Server>(import.meta.url, 'look-at-server.sql')
const lookAtReplicas = sql<Replica>(import.meta.url, 'look-at-replicas.sql')

/**
 * Each database: can it be reached, is it new enough, does its clock agree with this machine's, may its user make what is needed, and
 * does it keep what it has confirmed.
 */
export const checkDatabase: Check = async (env) => {
  const databases = databasesOf(readSettings(env))
  const [only] = databases
  if (only !== undefined && databases.length === 1) return lookAt(only)
  // Each says which it is, and one that cannot be reached hides no other.
  const found = await Promise.all(
    databases.map(async (database) => {
      const findings = await lookAt(database).catch((error: unknown): readonly Finding[] => [
        { name, verdict: 'broken', found: explain(error).line },
      ])
      return findings.map((finding) => ({ ...finding, found: `${database.variable}: ${finding.found}` }))
    }),
  )
  return found.flat()
}

const lookAt = async ({ url, services }: NamedDatabase): Promise<readonly Finding[]> => {
  const embedded = url.startsWith('embedded:')
  if (embedded && !existsSync(join(url.slice('embedded:'.length), 'PG_VERSION'))) {
    return [{ name, verdict: 'ok', found: 'embedded; made at the first start' }]
  }
  await using opened = new AsyncDisposableStack()
  // As the user of the URL: what a service may see says nothing of what a start may do.
  const session = opened.use(await openSession(await serverUrl(url, opened), { patience: FIRST_ANSWER }))
  const asked = { at: systemPlatform().clock.now().getTime(), since: performance.now() }
  const [server] = await ask(session, lookAtServer, [
    services.map(roleOf),
    schemasFor(services).map((schema) => schema.name),
  ])
  if (server === undefined) throw new Error('the database gave no answer')
  const skew = server.now.getTime() - asked.at - (performance.now() - asked.since) / 2
  const pooler = embedded ? [] : await poolerAt(url)
  if (pooler.length > 0) return pooler
  const findings = [
    version(server.version, embedded),
    clock(skew),
    // Who may not act as their owners cannot look at them.
    ...(server.closed_roles.length > 0 ? [] : await tables(session, schemasFor(services))),
    ...durability(server),
  ]
  if (embedded) return findings
  return [...findings, ...rights(server), ...replication(server, await ask(session, lookAtReplicas))]
}

const schemasFor = (names: readonly string[]): readonly Schema[] =>
  schemasOf(all.filter(({ name }) => names.includes(name)))

const ask = <Row>({ query }: Session, { text }: Statement<Row>, values?: readonly unknown[]): Promise<readonly Row[]> =>
  query<Row>(text, values)

const version = (number: number, embedded: boolean): Finding => {
  const major = Math.floor(number / 10_000)
  const found = `PostgreSQL ${major}${embedded ? ', embedded' : ''}`
  if (major >= OLDEST) return { name, verdict: 'ok', found }
  return { name, verdict: 'broken', found: `${found} is too old`, fix: `use PostgreSQL ${OLDEST} or later` }
}

const clock = (skew: number): Finding => {
  const found = `${Math.abs(Math.round(skew))} ms apart from the database's`
  if (Math.abs(skew) <= TOLERATED_SKEW) return { name: 'clock', verdict: 'ok', found }
  return { name: 'clock', verdict: 'warning', found, fix: 'set both clocks by the same time server' }
}

const poolerAt = async (url: string): Promise<readonly Finding[]> => {
  try {
    await refusePooler(url)
    return []
  } catch (error) {
    if (!(error instanceof PoolerBetween)) throw error
    return [{ name, verdict: 'broken', found: error.message, fix: error.fix }]
  }
}
