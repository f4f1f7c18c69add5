import { OrderPlaced, OrderRefunded } from '@argosy/contracts/messages/order'
import type { PlacedStatus } from './lifecycle.ts'
import { stateAfter } from './order.ts'
import type { Event, State } from './order.ts'

/** An event in its stream. */
export type Recorded = { readonly event: Event; readonly version: number; readonly at: Date }

/** An order as it stands after so many events: the row that is looked up, and that the next command is decided on. */
export type OrderRow = {
  readonly purchase_id: string
  /** Null when it was cancelled before it was placed: nobody's. */
  readonly customer_id: string | null
  readonly status: PlacedStatus
  /** The version of the last event. */
  readonly version: number
  readonly reason: string | null
  readonly payment_method: 'card' | 'transfer'
  /** Minor units that were given back. */
  readonly refunded: number
  readonly placed_at: Date | null
  readonly updated_at: Date
}

/** The row after one more event. The same fold writes it live and rebuilds it. */
export const project = (row: OrderRow | undefined, { event, version, at }: Recorded): OrderRow => {
  const after = stateAfter(event)
  const placed = event.type === OrderPlaced.type ? event.data : undefined
  const back = event.type === OrderRefunded.type ? event.data.amount : 0
  return {
    purchase_id: event.data.purchase_id,
    customer_id: placed?.customer_id ?? row?.customer_id ?? null,
    status: after.status,
    version,
    reason: after.status === 'CANCELLED' ? after.reason : null,
    payment_method: methodOf(placed) ?? row?.payment_method ?? 'card',
    refunded: (row?.refunded ?? 0) + back,
    placed_at: placed === undefined ? (row?.placed_at ?? null) : at,
    updated_at: at,
  }
}

const methodOf = (placed: { readonly payment_method?: string } | undefined): 'card' | 'transfer' | undefined =>
  placed === undefined ? undefined : placed.payment_method === 'transfer' ? 'transfer' : 'card'

/** What the rules need to know of the row. */
export const stateOf = (row: OrderRow | undefined): State => {
  if (row === undefined) return { status: 'ABSENT' }
  return row.status === 'CANCELLED' ? { status: row.status, reason: row.reason ?? '' } : { status: row.status }
}
