import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLockedOut } from '@kit/postgres/locks'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Statement } from '@kit/postgres/statement'
import type { Projection } from './projection.ts'
import { shadowOf, type Shadow } from './shadow.ts'

export type RebuildProgress = { readonly done: number; readonly of: number }

const FIRST = '00000000-0000-0000-0000-000000000000'
const PAGE = 1_000
/** Fewer changes than this are caught up while everybody else waits. */
const FEW = 200
/** Who waits for a lock holds up all who come after: no longer than this; then they go on for a pause, in ms. */
const waitShortly = { name: 'rebuild: wait shortly', text: "set local lock_timeout = '500ms'" }
const PAUSE = 500
const TRIES = 40

export type RebuildOptions = {
  readonly progress?: (progress: RebuildProgress) => void
  /** Told in a sentence what is left behind, should it not have been possible to clear it away. */
  readonly warn?: (what: string) => void
  /** How often locks that are not to be had are asked for again, half a second each time; 40 unless given. */
  readonly tries?: number
}

/**
 * Makes a projection anew beside the old one while it is read and written, and puts it in its place in one transaction: nobody
 * sees a table that is empty or half made. What changes meanwhile is noted by a trigger on the source and made again; the last
 * few changes under a lock that readers wait for, a moment. A rebuild that is begun later replaces one that is still running:
 * that ends with an error. Resolves to the number of rows, also when what has helped could not be cleared away. Throws 55P03 when
 * long transactions of others have kept it from its locks all the time.
 */
export const rebuild = async (
  db: Database,
  projection: Projection,
  { progress = () => undefined, warn = () => undefined, tries = TRIES }: RebuildOptions = {},
): Promise<number> => {
  const shadow = await shadowOf(db, projection, randomBytes(3).toString('hex'))
  try {
    await patiently(db, tries, (tx) => shadow.begin(tx))
    await fill(db, projection, shadow, progress)
    await db.transaction((tx) => shadow.addIndexes(tx))
    for (let changed = PAGE; changed > FEW;) changed = await db.transaction((tx) => catchUp(tx, projection, shadow))
    await takeItsPlace(db, projection, shadow, tries)
    return await db.transaction((tx) => shadow.count(tx))
  } finally {
    // Whatever has come of it: that is the result, and not how the clearing away went.
    await patiently(db, tries, (tx) => shadow.clear(tx)).catch((error: unknown) =>
      warn(`${shadow.leavings} could not be removed (${String(error)}); the next rebuild does it`),
    )
  }
}

const fill = async (
  db: Database,
  { fold, source }: Projection,
  shadow: Shadow,
  progress: (progress: RebuildProgress) => void,
): Promise<void> => {
  const of = await db.transaction((tx) => shadow.count(tx))
  const selectPage: Statement<{ key: string }> = {
    name: shadow.nameOf('page'),
    text: `select distinct ${source.key} as key from ${source.table} where ${source.key} > $1::uuid order by 1 limit ${PAGE}`,
  }
  let done = 0
  for (let after: string | undefined = FIRST; after !== undefined;) {
    const keys: readonly string[] = (await db.query(selectPage, [after])).map(({ key }) => key)
    await shadow.insert(db, await fold(db, keys))
    done += keys.length
    after = keys.length < PAGE ? undefined : keys.at(-1)
    progress({ done, of: Math.max(of, done) })
  }
}

/** Makes again what has changed since it was made. Returns how many rows that were. */
const catchUp = async (tx: Tx, { fold }: Projection, shadow: Shadow): Promise<number> => {
  const keys = await shadow.takeChanged(tx)
  if (keys.length === 0) return 0
  // After the notes were taken: whoever changes one of these from now on notes it again.
  const rows = await fold(tx, keys)
  await shadow.replace(tx, keys, rows)
  return keys.length
}

const takeItsPlace = (db: Database, projection: Projection, shadow: Shadow, tries: number): Promise<void> =>
  patiently(
    db,
    tries,
    async (tx) => {
      await shadow.lock(tx)
      await catchUp(tx, projection, shadow)
      await shadow.swap(tx)
    },
    () => db.transaction((tx) => catchUp(tx, projection, shadow)),
  )

/** A transaction that does not wait long for its locks, and is tried again when they are not to be had; `meanwhile` before that. */
const patiently = async (
  db: Database,
  tries: number,
  work: (tx: Tx) => Promise<void>,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<void> => {
  for (let left = tries; ; left--) {
    try {
      await db.transaction(async (tx) => {
        await tx.query(waitShortly)
        await work(tx)
      })
      return
    } catch (error) {
      if (left === 0 || !isLockedOut(error)) throw error
      await Promise.all([meanwhile(), sleep(PAUSE)])
    }
  }
}
