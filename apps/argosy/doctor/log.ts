import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames } from '@argosy/contracts/services'
import { RELAY } from '@kit/log/log'
import { listGroups } from '@kit/log/postgres/housekeeping'
import { lettersOf } from '../dead-letters/letters.ts'
import { isKafka } from '../log-settings.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { groupsOf, kafkaOf, type Group } from '../reader-groups.ts'
import { databaseUrl, readSettings } from '../settings.ts'
import type { Check, Finding } from './check.ts'

const name = 'log'
/** A group that is behind for so long does not only have much to do, in seconds. */
const LATE = 60
const FEW_LETTERS = 100

/** The log: does every group get on, for whom is it kept although nobody reads, and what could not be handled. */
export const checkLog: Check = async (env) => {
  const settings = readSettings(env)
  const url = databaseUrl(settings)
  if (url.startsWith('embedded:') && !existsSync(join(url.slice('embedded:'.length), 'PG_VERSION'))) return []
  await using opened = new AsyncDisposableStack()
  const tables = opened.use(await openTables(env))
  // What is wrong with Kafka is said by its own check.
  const kafka = await kafkaOf(settings, opened).catch(() => undefined)
  if (kafka === undefined && isKafka(settings)) return []
  // Before the first start there is no log, and no role that could look at it.
  const begun = await Promise.all(tables.databases.map(({ db }) => listGroups(db))).catch(() => undefined)
  if (begun === undefined) return []
  const groups = await groupsOf(tables, kafka)
  const late = groups.flatMap(behind)
  const found =
    late.length > 0 ? late : [{ name, verdict: 'ok', found: `${groups.length} groups have read it` } as const]
  return [...found, ...(await letters(tables))]
}

const behind = (group: Group): readonly Finding[] => {
  if (group.forgotten_at !== null) return []
  const isRetired = group.name !== RELAY && !serviceNames.some((service) => service === group.name)
  if (isRetired && group.processes === 0) {
    const fix = `argosy log forget ${group.name}, if it is no more`
    const found =
      group.registered_at === null
        ? `${group.name} has read Kafka once, and nobody reads for it`
        : `everything is kept for ${group.name}, for which nobody reads`
    return [{ name, verdict: 'warning', found, fix }]
  }
  if (group.seconds < LATE) return []
  const waits = `${group.messages} messages wait for ${group.name}, the oldest for ${Math.round(group.seconds)} s`
  if (group.processes === 0)
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
