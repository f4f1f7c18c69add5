import type { GetOrder } from '@argosy/contracts/http/order'
import type { OrderPlaced } from '@argosy/contracts/messages/order'
import type { AnswerOf } from '@kit/http/endpoint'
import type { DataOf } from '@kit/message/message'
import type { OrderRow } from './domain/projection.ts'

/** An order with its first event. */
export type PlacedOrder = Pick<OrderRow, 'purchase_id' | 'status' | 'reason' | 'updated_at'> & {
  readonly placed: DataOf<typeof OrderPlaced>
  readonly placed_at: Date
}

/** What a customer reads of an order. */
export const orderDocument = (order: PlacedOrder): AnswerOf<typeof GetOrder> => {
  const { purchase_id, status, reason, placed, placed_at, updated_at } = order
  return {
    id: purchase_id,
    customer_id: placed.customer_id,
    status,
    ...(reason === null ? {} : { reason }),
    products: placed.lines.map(({ product_id, name, price, quantity }) => ({
      id: product_id,
      name,
      price,
      quantity,
      amount: price * quantity,
    })),
    amount: placed.amount,
    currency_code: placed.currency_code,
    created_at: placed_at.toISOString(),
    updated_at: updated_at.toISOString(),
  }
}
