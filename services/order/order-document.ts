import type { GetOrder } from '@argosy/contracts/http/order'
import { OrderPlaced } from '@argosy/contracts/messages/order'
import { amountOf } from '@argosy/contracts/line'
import type { AnswerOf } from '@kit/http/endpoint'
import type { DataOf } from '@kit/message/message'
import type { Event } from './domain/order.ts'
import type { OrderRow } from './domain/projection.ts'

type Status = AnswerOf<typeof GetOrder>['status']

/** The words of the API for the states of an order. */
export const shownStatus = {
  PENDING: 'pending',
  PAID: 'paid',
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
  PARTIALLY_REFUNDED: 'partially-refunded',
  REFUNDED: 'refunded',
} as const satisfies Readonly<Record<OrderRow['status'], Status>>

/** The state that is stored for a word of the API. */
export const statusFor = (word: Status): string | undefined =>
  Object.entries(shownStatus).find(([, shown]) => shown === word)?.[0]

/** What the row tells of an order that was placed. */
type Shown = Pick<OrderRow, 'purchase_id' | 'status' | 'reason' | 'payment_method' | 'refunded' | 'updated_at'>

/** An order with its first event. */
export type PlacedOrder = Shown & {
  readonly placed: DataOf<typeof OrderPlaced>
  readonly placed_at: Date
}

/** A row and its events as an order that was placed; undefined for one that was cancelled before. */
export const placedOrder = (row: OrderRow, events: readonly Event[]): PlacedOrder | undefined => {
  const first = events.find((event) => event.type === OrderPlaced.type)
  return first === undefined || row.placed_at === null
    ? undefined
    : { ...row, placed: first.data, placed_at: row.placed_at }
}

/** What a customer reads of an order. */
export const orderDocument = (order: PlacedOrder): AnswerOf<typeof GetOrder> => {
  const { purchase_id, status, reason, payment_method, refunded, placed, placed_at, updated_at } = order
  return {
    id: purchase_id,
    customer_id: placed.customer_id,
    status: shownStatus[status],
    ...(reason === null ? {} : { reason }),
    products: placed.lines.map((line) => ({
      id: line.product_id,
      name: line.name,
      price: line.price,
      quantity: line.quantity,
      amount: amountOf(line),
    })),
    amount: placed.amount,
    refunded,
    currency_code: placed.currency_code,
    payment_method,
    created_at: placed_at.toISOString(),
    updated_at: updated_at.toISOString(),
  }
}
