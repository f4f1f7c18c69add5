import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefunded } from '@argosy/contracts/messages/order'
import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Statement } from '@kit/postgres/statement'
import type { Event } from './domain/order.ts'
import { project } from './domain/projection.ts'
import type { OrderRow, Recorded } from './domain/projection.ts'

type EventRow = {
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly data: unknown
  readonly at: Date
}

const lockRows = sql<OrderRow>(import.meta.url, 'lock-rows.sql')
const selectStreamEvents = sql<EventRow>(import.meta.url, 'select-stream-events.sql')
const insertEvents = sql(import.meta.url, 'insert-events.sql')
const insertRows = sql(import.meta.url, 'insert-orders.sql')
const updateRows = sql(import.meta.url, 'update-orders.sql')

/** The orders that exist, by purchase id, locked until the transaction ends: what is decided on them stays true. */
export const loadOrders = async (tx: Tx, ids: readonly string[]): Promise<Map<string, OrderRow>> => {
  const rows = await tx.query(lockRows, [ids])
  return new Map(rows.map((row) => [row.purchase_id, row]))
}

/** What has happened to these orders, each oldest first. */
export const loadEvents = async (
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly Recorded[]>> => {
  const rows = await db.query(selectStreamEvents, [ids])
  const recorded = Map.groupBy(rows, ({ stream }) => stream)
  return new Map(Array.from(recorded, ([stream, events]) => [stream, events.map(recordedOf)]))
}

/** One order with all that has happened to it, locked. Undefined when there is none. */
export const openOrder = async (
  tx: Tx,
  id: string,
): Promise<{ readonly row: OrderRow; readonly events: readonly Event[] } | undefined> => {
  const [orders, events] = await Promise.all([loadOrders(tx, [id]), loadEvents(tx, [id])])
  const row = orders.get(id)
  return row && { row, events: (events.get(id) ?? []).map(({ event }) => event) }
}

/** Appends to the streams. Like all writes here it is only issued: the commit waits for it. */
export const appendEvents = (tx: Tx, recorded: readonly Recorded[]): void => {
  if (recorded.length === 0) return
  void tx.query(insertEvents, [
    recorded.map(({ event }) => event.data.purchase_id),
    recorded.map(({ version }) => version),
    recorded.map(({ event }) => event.type),
    recorded.map(({ event }) => JSON.stringify(event.data)),
    recorded.map(({ at }) => at),
  ])
}

/** Appends what a command on a locked order has led to, and writes the row. Returns the row as it stands then. */
export const record = (tx: Tx, row: OrderRow, events: readonly Event[], at: Date): OrderRow => {
  const recorded = events.map((event, i): Recorded => ({ event, version: row.version + 1 + i, at }))
  const after = recorded.reduce<OrderRow>(project, row)
  appendEvents(tx, recorded)
  if (recorded.length > 0) updateOrders(tx, [after])
  return after
}

/** Writes the rows of orders that there were none of. One that somebody else has written meanwhile breaks orders_pkey. */
export const insertOrders = (tx: Tx, rows: readonly OrderRow[]): void => write(tx, insertRows, rows)

/** Writes what has become of orders that there are. */
export const updateOrders = (tx: Tx, rows: readonly OrderRow[]): void => write(tx, updateRows, rows)

const write = (tx: Tx, statement: Statement, rows: readonly OrderRow[]): void => {
  if (rows.length === 0) return
  const column = <K extends keyof OrderRow>(name: K) => rows.map((row) => row[name])
  void tx.query(statement, [
    column('purchase_id'),
    column('customer_id'),
    column('status'),
    column('version'),
    column('reason'),
    column('payment_method'),
    column('refunded'),
    column('placed_at'),
    column('updated_at'),
  ])
}

const recordedOf = ({ version, at, type, data }: EventRow): Recorded => ({ event: eventOf(type, data), version, at })

const eventOf = (type: string, data: unknown): Event => {
  switch (type) {
    case OrderPlaced.type:
      return OrderPlaced.parse(data)
    case OrderPaid.type:
      return OrderPaid.parse(data)
    case OrderCompleted.type:
      return OrderCompleted.parse(data)
    case OrderCancelled.type:
      return OrderCancelled.parse(data)
    case OrderRefunded.type:
      return OrderRefunded.parse(data)
    default:
      throw new Error(`an order's stream has an event ${type} that nobody knows`)
  }
}
