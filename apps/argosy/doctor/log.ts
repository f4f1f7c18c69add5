import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames } from '@argosy/contracts/services'
import { lagOf, listGroups, membersOf } from '@kit/log/postgres/housekeeping'
import type { ReaderGroup } from '@kit/log/postgres/housekeeping'
import type { Lag } from '@kit/log/log'
import { lettersOf } from '../dead-letters/letters.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { databaseUrl, readSettings } from '../settings.ts'
import type { Check, Finding } from './check.ts'

const name = 'log'
/** A group that is behind for so long does not only have much to do, in seconds. */
const LATE = 60
const FEW_LETTERS = 100

/** The log: does every group get on, for whom is it kept although nobody reads, and what could not be handled. */
export const checkLog: Check = async (env) => {
  const url = databaseUrl(readSettings(env))
  if (url.startsWith('embedded:') && !existsSync(join(url.slice('embedded:'.length), 'PG_VERSION'))) return []
  await using tables = await openTables(env)
  const db = tables.of('account')
  // Before the first start there is no log, and no role that could look at it.
  const groups = await listGroups(db).catch(() => undefined)
  if (groups === undefined) return []
  const lags = new Map((await lagOf(db)).map((lag) => [lag.group, lag]))
  const membersIn = await membersOf(db)
  const late = groups.flatMap((group) => behind(group, lags.get(group.name), membersIn(group.name)))
  const found =
    late.length > 0 ? late : [{ name, verdict: 'ok', found: `${groups.length} groups have read it` } as const]
  return [...found, ...(await letters(tables))]
}

const behind = (group: ReaderGroup, lag: Lag | undefined, processes: number): readonly Finding[] => {
  if (group.forgotten_at !== null || lag === undefined) return []
  const isRetired = !serviceNames.some((service) => service === group.name)
  if (isRetired && processes === 0) {
    const fix = `argosy log forget ${group.name}, if it is no more`
    return [{ name, verdict: 'warning', found: `everything is kept for ${group.name}, for which nobody reads`, fix }]
  }
  if (lag.seconds < LATE) return []
  const waits = `${lag.messages} messages wait for ${group.name}, the oldest for ${Math.round(lag.seconds)} s`
  if (processes === 0)
    return [{ name, verdict: 'warning', found: `${waits}; no process reads them`, fix: 'argosy start' }]
  return [{ name, verdict: 'broken', found: waits, fix: 'what /readyz of its process says, and its log' }]
}

const letters = async (tables: Tables): Promise<readonly Finding[]> => {
  const found = await Promise.all(serviceNames.map((service) => lettersOf(service, tables.of(service), FEW_LETTERS)))
  const count = found.flat().length
  if (count === 0) return []
  const many = count < FEW_LETTERS ? String(count) : `${FEW_LETTERS} or more`
  return [{ name: 'dead letters', verdict: 'warning', found: `${many} wait`, fix: 'argosy dead-letters ls' }]
}
