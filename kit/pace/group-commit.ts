import { setTimeout as sleep } from 'node:timers/promises'
import { isTransient } from '@kit/fault/fault'
import { isWanted, openQueue } from './waiting-queue.ts'
import type { Waiting } from './waiting-queue.ts'

/** How long those wait for company who come while a crowd is served, in ms: they would meet a busy machine otherwise. */
const GATHER = 4

/** Items that may wait, and for how many ms, unless told otherwise: some seconds of what a process can do. */
const MOST = 10_000
const PATIENCE = 5_000

export type GroupCommitOptions<Item, Result> = {
  /** Most items of one flush. */
  readonly limit: number
  /** Writes the items in one transaction. Answers one result per item, in order. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Flushes that may be under way at once; 1 unless given. More than one gives up the order between items. */
  readonly concurrency?: number
  /** Most items that may wait for a flush; 10,000 unless given. */
  readonly most?: number
  /** How long an item may wait for its flush to begin, in ms; 5,000 unless given. */
  readonly patience?: number
}

/** What one caller wants besides. */
export type Wish = {
  /** Aborted when nobody waits for the result any more. */
  readonly signal?: AbortSignal | undefined
  /** Ms that this item may wait, instead of the patience of all. */
  readonly within?: number
}

/** Rejects with NotBegun when the item was not part of any flush: too many wait, it waited too long, or its signal is aborted. */
export type GroupCommit<Item, Result> = (item: Item, wish?: Wish) => Promise<Result>

/**
 * Concurrent calls share a transaction: what arrives while a flush is under way, or within 4 ms of one that several calls have
 * shared, goes with the next one. So a lone call never waits, and a crowd pays for one commit. A flush that fails is halved and
 * repeated until only the guilty fail; one that fails for a transient reason fails for all, and the callers decide.
 *
 * Who waits is bounded in number and in time. An item whose caller has been told so, or has gone, is never flushed.
 */
export const groupCommit = <Item, Result>({
  limit,
  flush,
  concurrency = 1,
  most = MOST,
  patience = PATIENCE,
}: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> => {
  const queue = openQueue<Item, Result>({ most, patience })
  let underWay = 0

  const next = async (): Promise<void> => {
    underWay++
    while (queue.size > 0) {
      const group = queue.take(limit)
      if (group.length > 0) await flushGroup(group, flush)
      if (group.length > 1 && queue.size < limit) await sleep(GATHER)
    }
    underWay--
  }
  return (item, { signal, within } = {}) =>
    new Promise((resolve, reject) => {
      queue.add({ item, signal, resolve, reject }, within)
      // After the calls of the same moment: requests that came in one read of the socket go together.
      if (underWay < concurrency && queue.size === 1) setImmediate(() => void (underWay < concurrency && next()))
    })
}

const flushGroup = async <Item, Result>(
  group: readonly Waiting<Item, Result>[],
  flush: GroupCommitOptions<Item, Result>['flush'],
): Promise<void> => {
  try {
    const results = await flush(group.map(({ item }) => item))
    if (results.length !== group.length)
      throw new Error(`a flush of ${group.length} items gave ${results.length} results`)
    for (const [i, { resolve }] of group.entries()) resolve(results[i] as Result)
  } catch (error) {
    if (group.length === 1 || isTransient(error)) {
      for (const { reject } of group) reject(error)
      return
    }
    const half = group.length >> 1
    // Nothing of it was done, so whoever has gone meanwhile is left out.
    for (const part of [group.slice(0, half), group.slice(half)]) {
      const wanted = part.filter(isWanted)
      if (wanted.length > 0) await flushGroup(wanted, flush)
    }
  }
}
