import type { Delivery, Envelope } from '@kit/log/log'
import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Disposition } from '../sort-out.ts'

/**
 * `parked`: could not be handled. `behind`: waits for an earlier one of its key. `replay`: to be handled again. `kept-back`: waits
 * for an instance that knows it.
 */
export type DeadLetter = {
  readonly id: number
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly envelope: Envelope
  readonly state: 'parked' | 'behind' | 'replay' | 'kept-back'
  readonly reason: string
  readonly parked_at: Date
}

const insertDeadLetters = sql(import.meta.url, 'insert-dead-letters.sql')
const selectDeadLetters = sql<DeadLetter>(import.meta.url, 'select-dead-letters.sql')
const selectParkedKeys = sql<{ topic: string; key: string }>(import.meta.url, 'select-parked-keys.sql')
const selectReplay = sql<DeadLetter>(import.meta.url, 'select-replay.sql')
const markReplay = sql<{ id: number }>(import.meta.url, 'mark-replay.sql')
const discardDeadLetter = sql<{ id: number }>(import.meta.url, 'discard-dead-letter.sql')
const deleteDeadLetters = sql(import.meta.url, 'delete-dead-letters.sql')
const freeKeptBack = sql(import.meta.url, 'free-kept-back.sql')
const freeBehind = sql(import.meta.url, 'free-behind.sql')
const parkAgain = sql(import.meta.url, 'park-again.sql')

/** Parks deliveries with their dispositions, in the order of the log: that is the order of a replay. */
export const park = (
  tx: Tx,
  deliveries: readonly Delivery[],
  dispositions: ReadonlyMap<Delivery, Disposition>,
): void => {
  const rows = deliveries.flatMap((delivery) => {
    const disposition = dispositions.get(delivery)
    return disposition === undefined ? [] : [{ ...delivery, ...disposition }]
  })
  if (rows.length === 0) return
  void tx.query(insertDeadLetters, [
    rows.map((row) => row.topic),
    rows.map((row) => row.partition),
    rows.map((row) => row.envelope.partitionkey),
    rows.map((row) => JSON.stringify(row.envelope)),
    rows.map((row) => row.state),
    rows.map((row) => row.reason),
  ])
}

/** The dead letters of one service, oldest first. */
export const listDeadLetters = (db: Queryable, limit = 100): Promise<readonly DeadLetter[]> =>
  db.query(selectDeadLetters, [limit])

/** The keys that wait, as `<topic>/<key>`. */
export const parkedKeys = async (db: Queryable): Promise<ReadonlySet<string>> =>
  new Set((await db.query(selectParkedKeys)).map(({ topic, key }) => `${topic}/${key}`))

/** Marks a dead letter and all that waits behind it for another try. Returns how many; 0 when there is none. */
export const replayDeadLetter = async (db: Queryable, id: number): Promise<number> =>
  (await db.query(markReplay, [id])).length

/** Drops one dead letter for good; what waited behind it is tried again. Returns how many were freed or dropped. */
export const discard = async (db: Queryable, id: number): Promise<number> =>
  (await db.query(discardDeadLetter, [id])).length

/** The next letters to try again, oldest first, of the partitions that the reader owns. */
export const lettersToReplay = (
  db: Queryable,
  owned: readonly { readonly topic: string; readonly partition: number }[],
  limit: number,
): Promise<readonly DeadLetter[]> =>
  db.query(selectReplay, [owned.map(({ topic }) => topic), owned.map(({ partition }) => partition), limit])

/** Lets letters be tried that were kept back for an instance that knows these types. */
export const freeKnown = async (tx: Tx, types: readonly string[]): Promise<void> => {
  await tx.query(freeKeptBack, [types])
}

/** Lets letters be tried again that wait behind nothing: they came while their key was being replayed or discarded. */
export const freeStragglers = async (tx: Tx): Promise<void> => {
  await tx.query(freeBehind)
}

/** Ends a replay: what was handled goes, what was not stays with its new disposition. */
export const concludeReplay = (
  tx: Tx,
  letters: readonly DeadLetter[],
  dispositions: ReadonlyMap<Delivery, Disposition>,
): void => {
  const handled = letters.filter((letter) => !dispositions.has(letter))
  const left = letters.flatMap((letter) => {
    const disposition = dispositions.get(letter)
    return disposition === undefined ? [] : [{ id: letter.id, ...disposition }]
  })
  if (handled.length > 0) void tx.query(deleteDeadLetters, [handled.map(({ id }) => id)])
  if (left.length === 0) return
  void tx.query(parkAgain, [left.map(({ id }) => id), left.map(({ state }) => state), left.map(({ reason }) => reason)])
}
