import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced } from '@argosy/contracts/messages/order'
import type { Database, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Event } from './domain/order.ts'
import { project } from './domain/projection.ts'
import type { OrderRow } from './domain/projection.ts'
import { upsertOrders } from './event-store.ts'

type EventRow = {
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly data: unknown
  readonly at: Date
}

const lockOrders = sql(import.meta.url, 'lock-orders.sql')
const selectStreams = sql<{ stream: string }>(import.meta.url, 'select-streams.sql')
const selectStreamEvents = sql<EventRow>(import.meta.url, 'select-stream-events.sql')
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
  for (const { stream, version, at, ...event } of await tx.query(selectStreamEvents, [streams])) {
    rows.set(stream, project(rows.get(stream), { event: eventOf(event), version, at }))
  }
  void tx.query(deleteStrays, [after, streams.length < PAGE ? null : streams.at(-1)])
  upsertOrders(tx, [...rows.values()])
  return streams
}

const eventOf = ({ type, data }: Pick<EventRow, 'type' | 'data'>): Event => {
  switch (type) {
    case OrderPlaced.type:
      return OrderPlaced.parse(data)
    case OrderPaid.type:
      return OrderPaid.parse(data)
    case OrderCompleted.type:
      return OrderCompleted.parse(data)
    case OrderCancelled.type:
      return OrderCancelled.parse(data)
    default:
      throw new Error(`an order's stream has an event ${type} that nobody knows`)
  }
}
