import { setTimeout as sleep } from 'node:timers/promises'
import { isTransient } from './queryable.ts'

/** How long those wait for company who come while a crowd is served, in ms: they would meet a busy machine otherwise. */
const GATHER = 4

export type GroupCommitOptions<Item, Result> = {
  /** Most items of one flush. */
  readonly limit: number
  /** Writes the items in one transaction. Answers one result per item, in order. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Flushes that may be under way at once; 1 unless given. More than one gives up the order between items. */
  readonly concurrency?: number
}

type Waiting<Item, Result> = {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Concurrent calls share a transaction: what arrives while a flush is under way, or within 4 ms of one that several calls have
 * shared, goes with the next one. So a lone call never waits, and a crowd pays for one commit. A flush that fails is halved and
 * repeated until only the guilty fail; one that fails for a transient reason fails for all, and the callers decide.
 */
export const groupCommit = <Item, Result>({
  limit,
  flush,
  concurrency = 1,
}: GroupCommitOptions<Item, Result>): ((item: Item) => Promise<Result>) => {
  let waiting: Waiting<Item, Result>[] = []
  let underWay = 0

  const next = async (): Promise<void> => {
    underWay++
    while (waiting.length > 0) {
      const group = waiting.slice(0, limit)
      waiting = waiting.slice(limit)
      await settle(group, flush)
      if (group.length > 1 && waiting.length < limit) await sleep(GATHER)
    }
    underWay--
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      // After the calls of the same moment: requests that came in one read of the socket go together.
      if (underWay < concurrency && waiting.length === 1) setImmediate(() => void (underWay < concurrency && next()))
    })
}

const settle = async <Item, Result>(
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
    await settle(group.slice(0, half), flush)
    await settle(group.slice(half), flush)
  }
}
