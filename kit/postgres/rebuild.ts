import { randomBytes } from 'node:crypto'
import type { Projection } from './projection.ts'
import type { Database, Tx } from './queryable.ts'
import { shadowOf, type Shadow } from './shadow.ts'
import type { Statement } from './statement.ts'

export type RebuildProgress = { readonly done: number; readonly of: number }

const FIRST = '00000000-0000-0000-0000-000000000000'
const PAGE = 1_000
/** Fewer changes than this are caught up while everybody else waits. */
const FEW = 200
/** How long readers may be held up for the switch, in ms, before it is tried again later. */
const PATIENCE = '500ms'
const TRIES = 40

/**
 * Makes a projection anew beside the old one while it is read and written, and puts it in its place in one transaction: nobody
 * sees a table that is empty or half made. What changes meanwhile is noted by a trigger on the source and made again; the last
 * few changes under a lock that readers wait for, a moment. A rebuild that is begun later replaces one that is still running:
 * that ends with an error. Resolves to the number of rows.
 */
export const rebuild = async (
  db: Database,
  projection: Projection,
  progress: (progress: RebuildProgress) => void = () => undefined,
): Promise<number> => {
  const shadow = await shadowOf(db, projection, randomBytes(3).toString('hex'))
  try {
    await db.transaction((tx) => shadow.begin(tx))
    await fill(db, projection, shadow, progress)
    await db.transaction((tx) => shadow.addIndexes(tx))
    for (let changed = PAGE; changed > FEW;) changed = await db.transaction((tx) => catchUp(tx, projection, shadow))
    await takeItsPlace(db, projection, shadow)
    return await shadow.count(db)
  } finally {
    await db.transaction((tx) => shadow.clear(tx))
  }
}

const fill = async (
  db: Database,
  { fold, source }: Projection,
  shadow: Shadow,
  progress: (progress: RebuildProgress) => void,
): Promise<void> => {
  const of = await shadow.count(db)
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

/** Readers that take long keep the lock from being had; who waits for it holds up all that come later, hence the patience. */
const takeItsPlace = async (db: Database, projection: Projection, shadow: Shadow): Promise<void> => {
  for (let left = TRIES; ; left--) {
    try {
      await db.transaction(async (tx) => {
        await shadow.lock(tx, PATIENCE)
        await catchUp(tx, projection, shadow)
        await shadow.swap(tx)
      })
      return
    } catch (error) {
      if (left === 0 || Object(error).code !== LOCK_NOT_AVAILABLE) throw error
      await db.transaction((tx) => catchUp(tx, projection, shadow))
    }
  }
}

const LOCK_NOT_AVAILABLE = '55P03'
