import { CommitStock, ReleaseStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { onMixedBatch } from '@kit/messaging/consumer'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Changes, Reservation } from '../domain/books.ts'
import { decide } from '../domain/reservation.ts'
import type { StockCommand } from '../domain/reservation.ts'
import type { Stock } from '../domain/stock.ts'
import { writeMovements, writeStock } from '../stock-rows.ts'
import { insertAll, loadReservations, updateAll } from '../reservation-rows.ts'

const lockStockFor = sql<Stock>(import.meta.url, 'lock-stock-for.sql')

/**
 * Keeps the stock of purchases: reserves it, then releases or commits it.
 *
 * One consumer for the three, so that a batch of any mix locks and writes each product's row once, in one order: a hot
 * product costs what many cost, and instances never deadlock. One round trip; what is written travels with the commit.
 */
export const reserveStock = onMixedBatch([ReserveStock, ReleaseStock, CommitStock], async (commands, tx, platform) => {
  const purchases = [...new Set(commands.map(({ data }) => data.purchase_id))]
  const [reservations, stock] = await Promise.all([
    loadReservations(tx, purchases),
    tx.query(lockStockFor, [productsOf(commands), purchases]),
  ])
  const { replies, ...changes } = decide(stock, reservations, commands)
  const known = new Set(reservations.map(({ purchase_id }) => purchase_id))
  write(tx, changes, known, platform.clock.now())
  return replies
})

/** What is to be reserved; what was reserved before is in the reservations. */
const productsOf = (commands: readonly StockCommand[]): readonly string[] => {
  const products = new Set<string>()
  for (const { type, data } of commands) {
    if (type === ReserveStock.type) for (const { product_id } of data.lines) products.add(product_id)
  }
  return [...products]
}

const write = (tx: Tx, { reservations, stock, sales }: Changes, known: ReadonlySet<string>, now: Date): void => {
  const isKnown = ({ purchase_id }: Reservation) => known.has(purchase_id)
  insertAll(
    tx,
    reservations.filter((one) => !isKnown(one)),
    now,
  )
  updateAll(tx, reservations.filter(isKnown), now)
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
