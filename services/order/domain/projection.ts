import { OrderPlaced } from '@argosy/contracts/messages/order'
import { order } from './order.ts'
import type { Event, Order } from './order.ts'

/** An event in its stream. */
export type Recorded = { readonly event: Event; readonly version: number; readonly at: Date }

/** An order as it stands after so many events: the row that is looked up, and that the next command is decided on. */
export type OrderRow = {
  readonly purchase_id: string
  /** Null when it was cancelled before it was placed: nobody's. */
  readonly customer_id: string | null
  readonly status: 'PENDING' | 'PAID' | 'COMPLETED' | 'CANCELLED'
  /** The version of the last event. */
  readonly version: number
  readonly reason: string | null
  readonly placed_at: Date | null
  readonly updated_at: Date
}

/** The row after one more event. The same fold writes it live and rebuilds it. */
export const project = (row: OrderRow | undefined, { event, version, at }: Recorded): OrderRow => {
  const after = order.evolve(orderOf(row), event)
  if (after.status === 'ABSENT') throw new Error(`${event.type} leaves no order`)
  const placed = event.type === OrderPlaced.type ? event.data : undefined
  return {
    purchase_id: event.data.purchase_id,
    customer_id: placed?.customer_id ?? row?.customer_id ?? null,
    status: after.status,
    version,
    reason: after.status === 'CANCELLED' ? after.reason : null,
    placed_at: placed === undefined ? (row?.placed_at ?? null) : at,
    updated_at: at,
  }
}

/** What the rules need to know of the row. */
export const orderOf = (row: OrderRow | undefined): Order => {
  if (row === undefined) return order.initial
  return row.status === 'CANCELLED' ? { status: row.status, reason: row.reason ?? '' } : { status: row.status }
}
