import type { Queryable } from '@kit/postgres/queryable'
import type { Session } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'
import { RELAY, type Lag, type Partitioning, type TopicPartition } from '../log.ts'
import { hash32 } from '../partition.ts'

/** A group that the log is kept for. */
export type ReaderGroup = {
  readonly name: string
  /** What it reads; null as long as it has never run: then everything is kept for it. */
  readonly topics: readonly string[] | null
  readonly registered_at: Date
  /** Since when nothing is kept for it any more. */
  readonly forgotten_at: Date | null
}

const selectLag = sql<Lag>(import.meta.url, 'lag.sql')
const selectGroups = sql<ReaderGroup>(import.meta.url, 'select-groups.sql')
const countMembers = sql<{ hash: string; members: number }>(import.meta.url, 'count-members.sql')
const registerGroups = sql(import.meta.url, 'register-groups.sql')
const retire = sql(import.meta.url, 'retire-others.sql')
const selectPlaces = sql<TopicPartition>(import.meta.url, 'select-places.sql')
const foldPlace = sql(import.meta.url, 'fold-place.sql')
const retireOne = sql(import.meta.url, 'retire-one.sql')
const forgetGroup = sql<{ name: string }>(import.meta.url, 'forget-group.sql')
const selectHorizon = sql<{ seconds: number }>(import.meta.url, 'select-horizon.sql')
const turn = sql<{ emptied: readonly number[] }>(import.meta.url, 'turn-segments.sql')

/** The statements of this folder over a session. */
export const over = (session: Pick<Session, 'query'>): Queryable => ({
  query: ({ text }, values) => session.query(text, values),
})

/** How far every group is behind that is not forgotten. */
export const lagOf = (db: Queryable): Promise<readonly Lag[]> => db.query(selectLag)

/** All groups, forgotten ones too. */
export const listGroups = (db: Queryable): Promise<readonly ReaderGroup[]> => db.query(selectGroups)

/** How many processes read for each group now, frozen ones too. */
export const membersOf = async (db: Queryable): Promise<(group: string) => number> => {
  const found = new Map((await db.query(countMembers)).map(({ hash, members }) => [hash, members]))
  return (group) => found.get(String(hash32(group))) ?? 0
}

/** From now on the log keeps for these groups what they have not read, whether or not they run. */
export const register = async (db: Queryable, groups: readonly string[]): Promise<void> => {
  await db.query(registerGroups, [groups])
}

/** Keeps nothing any more for other groups than these; how far they had read stays known. */
export const retireOthers = async (db: Queryable, groups: readonly string[]): Promise<void> => {
  await db.query(retire, [groups])
}

/**
 * Rows of partitions that there are no more, since the log was cut otherwise before, go to those that there are: they would
 * be read by nobody and kept for ever. Their numbers go on, so that each order stays as it was.
 */
export const foldPartitions = async (
  db: Queryable,
  { partitions }: Pick<Partitioning, 'partitions'>,
): Promise<void> => {
  for (const { topic, partition } of await db.query(selectPlaces)) {
    const count = partitions(topic)
    if (partition >= count) await db.query(foldPlace, [topic, partition, partition % count])
  }
}

/** Keeps nothing any more for the relay: the outbox is the log itself. It goes on where it was should the log be elsewhere again. */
export const retireRelay = async (db: Queryable): Promise<void> => {
  await db.query(retireOne, [RELAY])
}

/** Keeps nothing for a group any more, and forgets how far it had read. False when there is none of that name. */
export const forget = async (db: Queryable, group: string): Promise<boolean> =>
  (await db.query(forgetGroup, [group])).length > 0

/** Age in seconds of the oldest transaction of ours that has written something and not ended: 0 when there is none. */
export const horizonOf = async (db: Queryable): Promise<number> => (await db.query(selectHorizon))[0]?.seconds ?? 0

/** Empties segments that are read and older than `keep` seconds, and gives the next one its turn. Returns those emptied. */
export const turnSegments = async (db: Queryable, keep: number): Promise<readonly number[]> =>
  (await db.query(turn, [keep]))[0]?.emptied ?? []
