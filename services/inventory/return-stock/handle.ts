import { ReturnStock, StockReturned } from '@argosy/contracts/messages/inventory'
import { onBatch } from '@kit/messaging/consumer'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { deliveriesOf, newReturns } from '../domain/return.ts'
import type { Return } from '../domain/return.ts'
import { loadReservations } from '../reservation-rows.ts'
import { arrayLiteral, lockStock, writeMovements, writeStock } from '../stock-rows.ts'

type ReturnRow = Omit<Return, 'lines'> & {
  readonly product_ids: readonly string[]
  readonly quantities: readonly number[]
}

const selectReturns = sql<ReturnRow>(import.meta.url, 'select-returns.sql')
const insertReturns = sql(import.meta.url, 'insert-returns.sql')

/**
 * Puts sold units back on the shelf. The reservation stays committed: what was sold was sold, and what came back is a return
 * beside it. Rows are locked in the order in which reserve-stock locks them: reservations, then stock.
 */
export const returnStock = onBatch(ReturnStock, async (asked, tx, platform) => {
  const purchases = [...new Set(asked.map(({ purchase_id }) => purchase_id))]
  const [reservations, made] = await Promise.all([
    loadReservations(tx, purchases),
    tx.query(selectReturns, [purchases]),
  ])
  const returns = newReturns(reservations, made.map(returnOf), asked)
  if (returns.length > 0) await putBack(tx, returns, platform.clock.now())
  return asked.map(({ purchase_id, refund_id }) => StockReturned({ purchase_id, refund_id }))
})

const putBack = async (tx: Tx, returns: readonly Return[], now: Date): Promise<void> => {
  const deliveries = deliveriesOf(returns)
  const stock = await tx.query(lockStock, [deliveries.map(({ product_id }) => product_id)])
  const onHand = new Map(stock.map(({ product_id, on_hand }) => [product_id, on_hand]))
  const after = deliveries.map((delivery) => ({
    ...delivery,
    on_hand: (onHand.get(delivery.product_id) ?? 0) + delivery.quantity,
  }))
  const grown = new Map(after.map(({ product_id, on_hand }) => [product_id, on_hand]))
  writeStock(
    tx,
    stock.map((one) => ({ ...one, on_hand: grown.get(one.product_id) ?? one.on_hand })),
    now,
  )
  writeMovements(
    tx,
    after.map(({ product_id, quantity, on_hand, purchase_ids }) => ({
      product_id,
      kind: 'returned',
      delta: quantity,
      on_hand,
      purchase_ids,
    })),
    now,
  )
  void tx.query(insertReturns, [
    returns.map(({ refund_id }) => refund_id),
    returns.map(({ purchase_id }) => purchase_id),
    returns.map(({ lines }) => arrayLiteral(lines.map(({ product_id }) => product_id))),
    returns.map(({ lines }) => arrayLiteral(lines.map(({ quantity }) => quantity))),
    now,
  ])
}

const returnOf = ({ purchase_id, refund_id, product_ids, quantities }: ReturnRow): Return => ({
  purchase_id,
  refund_id,
  lines: product_ids.map((product_id, i) => ({ product_id, quantity: quantities[i] ?? 0 })),
})
