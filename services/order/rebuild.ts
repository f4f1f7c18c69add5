import type { Projection } from '@kit/projection/projection'
import type { Database } from '@kit/postgres/queryable'
import { rebuild } from '@kit/projection/rebuild'
import type { RebuildOptions } from '@kit/projection/rebuild'
import { project } from './domain/projection.ts'
import type { OrderRow } from './domain/projection.ts'
import { loadEvents } from './event-store.ts'

/** The rows that are looked up, made from the events. */
const orders: Projection = {
  table: 'orders',
  key: 'purchase_id',
  source: { table: 'order_event', key: 'stream' },
  fold: async (db, keys) => {
    const streams = await loadEvents(db, keys)
    return Array.from(streams.values(), (recorded) => recorded.reduce<OrderRow | undefined>(project, undefined) ?? {})
  },
}

/** Makes the projection `orders` anew from the events while the service runs. Resolves to how many orders there are. */
export const rebuildOrders = (db: Database, options?: RebuildOptions): Promise<number> => rebuild(db, orders, options)
