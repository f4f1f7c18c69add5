import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Envelope } from './outgoing.ts'
import type { Poison } from './handle-batch.ts'

/** `parked`: could not be handled. `behind`: waits for a parked one of its key. `replay`: to be handled again. */
export type DeadLetter = {
  readonly id: number
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly envelope: Envelope
  readonly state: 'parked' | 'behind' | 'replay'
  readonly reason: string
  readonly parked_at: Date
}

/** A message as it was read, whether or not it could be parsed. */
export type Unhandled = {
  readonly topic: string
  readonly partition: number
  readonly envelope: Envelope
}

const insertDeadLetters = sql(import.meta.url, 'insert-dead-letters.sql')
const selectDeadLetters = sql<DeadLetter>(import.meta.url, 'select-dead-letters.sql')
const selectParkedKeys = sql<{ topic: string; key: string }>(import.meta.url, 'select-parked-keys.sql')
const selectReplay = sql<DeadLetter>(import.meta.url, 'select-replay.sql')
const markReplay = sql<{ id: number }>(import.meta.url, 'mark-replay.sql')
const discardDeadLetter = sql<{ id: number }>(import.meta.url, 'discard-dead-letter.sql')
const deleteDeadLetters = sql(import.meta.url, 'delete-dead-letters.sql')
const parkAgain = sql(import.meta.url, 'park-again.sql')

/** Parks poison and, behind it, later messages of the same keys. */
export const park = async (
  tx: Tx,
  poison: readonly Poison<Unhandled>[],
  behind: readonly Unhandled[],
): Promise<void> => {
  const rows = [
    ...poison.map(({ received, reason }) => ({ ...received, state: 'parked', reason })),
    ...behind.map((received) => ({ ...received, state: 'behind', reason: 'waits for an earlier message of its key' })),
  ]
  if (rows.length === 0) return
  await tx.query(insertDeadLetters, [
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

/** Ends a replay: what was handled goes, what failed again stays parked with the new reason, the rest waits behind it. */
export const concludeReplay = async (
  tx: Tx,
  handled: readonly number[],
  poison: readonly { readonly id: number; readonly reason: string }[],
  behind: readonly number[],
): Promise<void> => {
  if (handled.length > 0) await tx.query(deleteDeadLetters, [handled])
  const rows = [
    ...poison.map(({ id, reason }) => ({ id, state: 'parked', reason })),
    ...behind.map((id) => ({ id, state: 'behind', reason: 'waits for an earlier message of its key' })),
  ]
  if (rows.length > 0) {
    await tx.query(parkAgain, [rows.map((row) => row.id), rows.map((row) => row.state), rows.map((row) => row.reason)])
  }
}
