import { forgetIn, positionsIn } from '@kit/log/kafka/groups'
import type { Kafka } from '@kit/log/kafka/open'
import { RELAY, type Lag } from '@kit/log/log'
import { forget, lagOf, listGroups, membersOf } from '@kit/log/postgres/housekeeping'
import type { Read } from '@kit/log/kafka/offsets'
import { systemPlatform } from '@kit/platform/system'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { connect, isKafka } from './log-settings.ts'
import type { DatabaseOf, Tables } from './open-tables.ts'
import type { Settings } from './settings.ts'

/** A group of readers, and how far it is behind. */
export type Group = {
  readonly name: string
  /** The variable that names the database of its checkpoints. */
  readonly database: DatabaseOf['variable']
  /** What it reads; null as long as it has never run. */
  readonly topics: readonly string[] | null
  /** Since when the outbox is kept for it; null for a group that reads Kafka. */
  readonly registered_at: Date | null
  /** Since when nothing is kept for it any more. */
  readonly forgotten_at: Date | null
  readonly processes: number
  readonly messages: number
  readonly seconds: number
}

/** The connection to Kafka by which a command looks, where the log is there. It makes no topics. */
export const kafkaOf = async (settings: Settings, opened: AsyncDisposableStack): Promise<Kafka | undefined> => {
  if (!isKafka(settings)) return undefined
  const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }
  return opened.use(await connect(settings, { platform: systemPlatform(), telemetry }, { create: false }))
}

/** All groups of all databases. */
export const groupsOf = async ({ databases }: Tables, kafka: Kafka | undefined): Promise<readonly Group[]> =>
  (await Promise.all(databases.map((database) => groupsIn(database, kafka)))).flat()

const groupsIn = async ({ variable, db }: DatabaseOf, kafka: Kafka | undefined): Promise<readonly Group[]> => {
  const registered = await listGroups(db)
  // Where the log is Kafka, the relay is the only one that reads the outbox.
  const ofOutbox = kafka === undefined ? registered : registered.filter(({ name }) => name === RELAY)
  const read = kafka === undefined ? [] : await positionsIn(db, kafka)
  const ofKafka = readersIn(read)
  const lags = new Map<string, Lag>((await lagOf(db)).map((lag) => [lag.group, lag]))
  for (const lag of (await kafka?.offsets.lag(read)) ?? []) lags.set(lag.group, lag)
  const membersIn = await membersOf(db)
  return [...ofOutbox, ...ofKafka].map((group) => {
    const { messages = 0, seconds = 0 } = lags.get(group.name) ?? {}
    return { ...group, database: variable, processes: membersIn(group.name), messages, seconds }
  })
}

type Reader = Pick<Group, 'name' | 'topics' | 'registered_at' | 'forgotten_at'>

const readersIn = (read: readonly Read[]): readonly Reader[] =>
  [...Map.groupBy(read, ({ group }) => group)]
    .map(([name, places]): Reader => ({
      name,
      topics: [...new Set(places.map(({ topic }) => topic))].toSorted(),
      registered_at: null,
      forgotten_at: null,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** Ends a group, in every database. False when none knows it. */
export const forgetEverywhere = async (
  { databases }: Tables,
  kafka: Kafka | undefined,
  group: string,
): Promise<boolean> => {
  let isKnown = false
  for (const { db } of databases) {
    const gone = kafka === undefined ? await forget(db, group) : await forgetIn(db, kafka.offsets, group)
    isKnown ||= gone
  }
  return isKnown
}
