import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemPlatform } from '@kit/platform/system'
import { sql } from '@kit/postgres/statement'
import { openTables } from '../open-tables.ts'
import { databaseUrl, readSettings } from '../settings.ts'
import type { Check, Finding } from './check.ts'

const name = 'database'
const OLDEST = 15
const TOLERATED_SKEW = 5_000

type Server = { readonly version: number; readonly now: Date }

const lookAtServer = sql<Server>(import.meta.url, 'look-at-server.sql')

/** The database: can it be reached, is it new enough, does its clock agree with this machine's. */
export const checkDatabase: Check = async (env) => {
  const url = databaseUrl(readSettings(env))
  const embedded = url.startsWith('embedded:')
  if (embedded && !existsSync(join(url.slice('embedded:'.length), 'PG_VERSION'))) {
    return [{ name, verdict: 'ok', found: 'embedded; made at the first start' }]
  }
  await using tables = await openTables(env)
  const here = systemPlatform().clock.now().getTime()
  const began = performance.now()
  const [server] = await tables.of('account').query(lookAtServer).catch(untouched)
  if (server === undefined) return [{ name, verdict: 'ok', found: 'reachable; its tables are made at the first start' }]
  const took = performance.now() - began
  return [version(server.version, embedded), clock(server.now.getTime() - here - took / 2)]
}

/** The server has let us in and does not know the service's role: nobody has started a shop there. */
const untouched = (error: unknown): readonly Server[] => {
  if (error instanceof Error && 'code' in error && error.code === '22023') return []
  throw error
}

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
