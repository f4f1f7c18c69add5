import { CommitStock, ReleaseStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { onMixedBatch } from '@kit/messaging/consumer'
import type { Tx } from '@kit/postgres/queryable'
import type { Changes, Reservation } from '../domain/books.ts'
import { decide } from '../domain/reservation.ts'
import type { StockCommand } from '../domain/reservation.ts'
import type { Stock } from '../domain/stock.ts'
import { lockStock, writeMovements, writeStock } from '../stock-rows.ts'
import { insertAll, loadReservations, settleAll } from '../reservation-rows.ts'

/**
 * Keeps the stock of purchases: reserves it, then releases or commits it.
 *
 * One consumer for the three, so that a batch of any mix locks and writes each product's row once, in one order: a hot
 * product costs what many cost, and instances never deadlock. Two round trips; what is written travels with the commit.
 */
export const reserveStock = onMixedBatch([ReserveStock, ReleaseStock, CommitStock], async (commands, tx, platform) => {
  const purchases = [...new Set(commands.map(({ data }) => data.purchase_id))]
  const reservations = await loadReservations(tx, purchases)
  const stock = await loadStock(tx, commands, reservations)
  const { replies, ...changes } = decide(stock, reservations, commands)
  const known = new Set(reservations.map(({ purchase_id }) => purchase_id))
  write(tx, changes, known, platform.clock.now())
  return replies
})

const loadStock = async (
  tx: Tx,
  commands: readonly StockCommand[],
  reservations: readonly Reservation[],
): Promise<readonly Stock[]> => {
  const products = new Set<string>()
  for (const { type, data } of commands) {
    if (type === ReserveStock.type) for (const { product_id } of data.lines) products.add(product_id)
  }
  for (const { state, lines } of reservations) {
    if (state === 'reserved') for (const { product_id } of lines) products.add(product_id)
  }
  return products.size === 0 ? [] : tx.query(lockStock, [[...products]])
}

const write = (tx: Tx, { reservations, stock, sales }: Changes, known: ReadonlySet<string>, now: Date): void => {
  const isKnown = ({ purchase_id }: Reservation) => known.has(purchase_id)
  insertAll(
    tx,
    reservations.filter((one) => !isKnown(one)),
    now,
  )
  settleAll(tx, reservations.filter(isKnown), now)
  writeStock(tx, stock, now)
  const onHand = new Map(stock.map(({ product_id, on_hand }) => [product_id, on_hand]))
  writeMovements(
    tx,
    sales.map(({ product_id, quantity, purchase_ids }) => ({
      product_id,
      kind: 'sold',
      delta: -quantity,
      on_hand: onHand.get(product_id) ?? 0,
      purchase_ids,
    })),
    now,
  )
}
