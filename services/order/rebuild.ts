import type { Database, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { project } from './domain/projection.ts'
import type { OrderRow } from './domain/projection.ts'
import { loadEvents, upsertOrders } from './event-store.ts'

const lockOrders = sql(import.meta.url, 'lock-orders.sql')
const selectStreams = sql<{ stream: string }>(import.meta.url, 'select-streams.sql')
const deleteStrays = sql(import.meta.url, 'delete-strays.sql')

const FIRST = '00000000-0000-0000-0000-000000000000'
const PAGE = 500

/**
 * Makes the projection `orders` anew from the events, page by page, while the service runs: each page is one short
 * transaction in which nobody else writes the page's orders. Rows without events go. Calls `progress` with the orders done so far;
 * resolves to how many there are.
 */
export const rebuildOrders = async (
  db: Database,
  progress: (done: number) => void = () => undefined,
): Promise<number> => {
  let done = 0
  for (let after: string | undefined = FIRST; after !== undefined;) {
    const from: string = after
    const page = await db.transaction((tx) => rebuildPage(tx, from))
    done += page.length
    after = page.length < PAGE ? undefined : page.at(-1)
    progress(done)
  }
  return done
}

/** Returns the streams of the page, in order. */
const rebuildPage = async (tx: Tx, after: string): Promise<readonly string[]> => {
  const streams = (await tx.query(selectStreams, [after, PAGE])).map(({ stream }) => stream)
  // Before the events are read: whoever was writing these orders has committed then, and its events are seen.
  await tx.query(lockOrders, [streams])
  const rows = new Map<string, OrderRow>()
  for (const [stream, recorded] of await loadEvents(tx, streams)) {
    for (const one of recorded) rows.set(stream, project(rows.get(stream), one))
  }
  void tx.query(deleteStrays, [after, streams.length < PAGE ? null : streams.at(-1)])
  upsertOrders(tx, [...rows.values()])
  return streams
}
